import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Conflict, type Fault, InvalidInput } from './errors.ts';
import type { PublicJwk } from './integration.ts';

/**
 * Public keys that clients register for `private_key_jwt`: RSA of 2,048 to 8,192 bits, P-256 and Ed25519, each for
 * signatures and without its private part.
 */

type Form = 'RSA' | 'P-256' | 'Ed25519';

/** The members that make each key, in the order of RFC 7638 §3.2 and RFC 8037 §2, and what may sign with it. */
const forms: Readonly<Record<Form, { readonly members: readonly string[]; readonly algorithms: readonly string[] }>> = {
  RSA: { members: ['e', 'kty', 'n'], algorithms: ['RS256', 'PS256'] },
  'P-256': { members: ['crv', 'kty', 'x', 'y'], algorithms: ['ES256'] },
  Ed25519: { members: ['crv', 'kty', 'x'], algorithms: ['EdDSA', 'Ed25519'] },
};

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/** Never a secret's id: tokens name secrets and keys in one claim. */
const kidPattern = /^(?!sec_)[\x21-\x7e]{1,128}$/;
/** An exponent of more bits makes each verification slow and is nobody's. */
const maximumExponent = 0xffff_ffffn;

type Jwk = Readonly<Record<string, unknown>>;

/** The RFC 7638 thumbprint of a public key: SHA-256 over its required members, base64url. */
export function thumbprintOf(jwk: Jwk): string {
  const { members } = forms[formOf(jwk) ?? 'RSA'];
  const required = Object.fromEntries(members.map((member) => [member, jwk[member]]));
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}

function formOf({ kty, crv }: Jwk): Form | undefined {
  if (kty === 'RSA') return 'RSA';
  if (kty === 'EC' && crv === 'P-256') return 'P-256';
  return kty === 'OKP' && crv === 'Ed25519' ? 'Ed25519' : undefined;
}

/**
 * The keys as they are kept: their public members, and a `kid` each, the thumbprint where none was given.
 *
 * @param pointer where the list stands in the body
 * @throws InvalidInput naming each key that is not acceptable
 */
export function acceptedKeys(keys: readonly Jwk[], pointer: string): PublicJwk[] {
  const faults: Fault[] = [];
  const accepted = keys.map((key, index) => {
    const fault = faultOf(key);
    if (fault !== undefined) faults.push({ pointer: `${pointer}/${index}`, detail: fault });
    return fault === undefined ? keptOf(key) : undefined;
  });
  const kids = accepted.map((key) => key?.kid);
  for (const [index, kid] of kids.entries())
    if (kid !== undefined && kids.indexOf(kid) < index)
      faults.push({ pointer: `${pointer}/${index}/kid`, detail: 'is the kid of another key of the set' });
  if (faults.length > 0) throw new InvalidInput(faults);
  return accepted.filter((key) => key !== undefined);
}

function keptOf(key: Jwk): PublicJwk {
  const { members } = forms[formOf(key) ?? 'RSA'];
  const kept = [...members, 'alg', 'use'].filter((member) => key[member] !== undefined);
  return {
    ...Object.fromEntries(kept.map((member) => [member, key[member]])),
    kty: String(key.kty),
    kid: typeof key.kid === 'string' ? key.kid : thumbprintOf(key),
  };
}

/** What is wrong with a key, or undefined. */
function faultOf(key: Jwk): string | undefined {
  if (privateMembers.some((member) => key[member] !== undefined))
    return 'holds a private key: it must not leave its owner';
  const form = formOf(key);
  if (form === undefined) return 'must be an RSA, P-256 or Ed25519 key';
  const { members, algorithms } = forms[form];
  if (members.some((member) => typeof key[member] !== 'string')) return `must hold ${members.join(', ')}`;
  if (key.alg !== undefined && !algorithms.includes(String(key.alg))) return `alg must be ${algorithms.join(' or ')}`;
  if (key.use !== undefined && key.use !== 'sig') return 'use must be sig';
  if (key.key_ops !== undefined && !(Array.isArray(key.key_ops) && key.key_ops.includes('verify')))
    return 'key_ops must hold verify';
  if (key.kid !== undefined && !(typeof key.kid === 'string' && kidPattern.test(key.kid)))
    return 'kid must be 1 to 128 printable ASCII characters and not begin with sec_';
  return keyFault(key);
}

function keyFault(jwk: Jwk): string | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch {
    return 'is no valid key';
  }
  if (jwk.kty !== 'RSA') return undefined;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < 2048 || modulusLength > 8192) return 'must have a modulus of 2048 to 8192 bits';
  return publicExponent < 3n || publicExponent > maximumExponent || publicExponent % 2n === 0n
    ? 'must have an odd exponent of at most 32 bits'
    : undefined;
}

/** A key that was taken out, until its last token has expired (ISO 8601). */
export interface RemovedKey {
  readonly kid: string;
  readonly until: string;
}

/** Keys taken out lately that are remembered at most. */
const maximumRemoved = 50;

/**
 * What to remember of keys taken out when `before` gives way to `after`: a token is known by its key's `kid`, and another
 * key under it would bring the tokens of the one taken out back to life.
 *
 * @throws Conflict where `after` does so, or more keys were taken out lately than are remembered
 */
export function removedKeys(
  before: { readonly jwks: readonly PublicJwk[]; readonly removedKeys?: readonly RemovedKey[] | undefined },
  after: readonly PublicJwk[],
  times: { readonly now: string; readonly until: string },
): RemovedKey[] {
  const remembered = (before.removedKeys ?? []).filter(({ until }) => until > times.now);
  for (const key of after) {
    const known = before.jwks.find(({ kid }) => kid === key.kid);
    const replaced = known !== undefined && thumbprintOf(known) !== thumbprintOf(key);
    if (replaced || remembered.some(({ kid }) => kid === key.kid))
      throw new Conflict(
        `The kid ${key.kid} was another key's or a removed key's, whose tokens may live: give this key another kid.`,
      );
  }
  const gone = before.jwks.filter(({ kid }) => !after.some((key) => key.kid === kid));
  const all = [...remembered, ...gone.map(({ kid }) => ({ kid, until: times.until }))];
  if (all.length > maximumRemoved) throw new Conflict('Too many keys were removed within a day.');
  return all;
}
