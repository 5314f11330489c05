/** Identifiers: random, of `A-Za-z0-9_` only, never reused. A client id begins with its tenant's own part. */

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const tenantLength = 16;
const randomLength = 22;

/** A source of random bytes; `node:crypto`'s in production. */
export type RandomBytes = (size: number) => Uint8Array;

/** `length` characters of base 62 without bias (bytes of 248 and above are drawn again). 22 are 131 bits. */
export function randomText(randomBytes: RandomBytes, length: number): string {
  let text = '';
  while (text.length < length) {
    // Eight bytes to spare: the first draw is nearly always enough.
    for (const byte of randomBytes(length + 8)) {
      if (byte < 248 && text.length < length) text += alphabet[byte % 62];
    }
  }
  return text;
}

/** A tenant's id: `ten_` and 16 characters. */
export const newTenantId = (randomBytes: RandomBytes) => `ten_${randomText(randomBytes, tenantLength)}`;

const tenantPattern = /^ten_[0-9A-Za-z]{16}$/;

/** Whether the text has the form of a tenant's id. Says nothing of existence. */
export const isTenantId = (text: string) => tenantPattern.test(text);

/** A user's id: `usr_` and 22 characters. */
export const newUserId = (randomBytes: RandomBytes) => `usr_${randomText(randomBytes, randomLength)}`;

/** A client secret's or other child's id, with a prefix of its own. */
export const newId = (prefix: string, randomBytes: RandomBytes) => `${prefix}_${randomText(randomBytes, randomLength)}`;

/**
 * An integration's client id: `int_`, the 16 characters of its tenant, and 22 of its own. The tenant is in it so that
 * the token endpoint, which is given a client id alone, builds the same tenant-bound key as everybody else.
 */
export function newClientId(tenant: string, randomBytes: RandomBytes): string {
  return `int_${tenant.slice(4)}${randomText(randomBytes, randomLength)}`;
}

/**
 * An id of something that a browser brings back, with the tenant's own part in it for the same reason: `itx_…` of an
 * interaction, for instance.
 */
export function newTenantBoundId(prefix: string, tenant: string, randomBytes: RandomBytes): string {
  return `${prefix}_${tenant.slice(4)}${randomText(randomBytes, randomLength)}`;
}

const tenantBoundPattern = /^([a-z]{3})_([0-9A-Za-z]{16})[0-9A-Za-z]{22}$/;

/** The tenant that such an id belongs to, or undefined where the text is no id with this prefix. */
export function tenantOfBoundId(prefix: string, id: string): string | undefined {
  const [, found, part] = tenantBoundPattern.exec(id) ?? [];
  return found === prefix ? `ten_${part}` : undefined;
}

const clientIdPattern = /^int_([0-9A-Za-z]{16})[0-9A-Za-z]{22}$/;

/** The tenant that a client id belongs to, or undefined where the text is no client id. Says nothing of existence. */
export function tenantOfClientId(clientId: string): string | undefined {
  const part = clientIdPattern.exec(clientId)?.[1];
  return part === undefined ? undefined : `ten_${part}`;
}
