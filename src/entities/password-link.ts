import type { AuditEvent } from './audit-event.ts';
import { type RandomBytes, randomText } from './identifiers.ts';
import { bodyOf, hashOf, matches, recognizable } from './recognizable-secret.ts';
import type { User } from './user.ts';
import type { UserCredentials } from './user-credentials.ts';

/** What lets its holder set a user's password, once: a user has one at most, and a new one replaces it. */
export interface PasswordLink {
  readonly tenant: string;
  readonly userId: string;
  /** SHA-256, base64url, of the text in the link. */
  readonly hash: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly expiresAt: string;
  /** The user's token generation when it was issued: once the password is another, it opens nothing. */
  readonly generation: number;
}

const prefix = 'lkl';
const lifetimeMilliseconds = 24 * 3_600_000;
const secretLength = 43;

/** A new link for the user, and the text that opens it: `lkl_`, the user's own part, 256 random bits and a checksum. */
export function newPasswordLink(
  user: Pick<User, 'tenant' | 'id' | 'tokenGeneration'>,
  now: number,
  randomBytes: RandomBytes,
): { readonly text: string; readonly link: PasswordLink } {
  const text = recognizable(prefix, user.id.slice(4) + randomText(randomBytes, secretLength));
  const expiresAt = new Date(now + lifetimeMilliseconds).toISOString();
  const { tenant, id: userId, tokenGeneration: generation } = user;
  return { text, link: { tenant, userId, hash: hashOf(text), expiresAt, generation } };
}

/** The user that such a text is for, or undefined where it is none. Says nothing of whether it still opens anything. */
export function userOfPasswordLink(text: string): string | undefined {
  const body = bodyOf(prefix, text);
  return body?.length === 22 + secretLength ? `usr_${body.slice(0, 22)}` : undefined;
}

/** Whether the text opens its user's link at `now` (milliseconds since the epoch). */
export function isOpenedBy(
  { hash, expiresAt, generation }: PasswordLink,
  text: string,
  { tokenGeneration }: Pick<User, 'tokenGeneration'>,
  now: number,
): boolean {
  return matches(text, hash) && generation === tokenGeneration && now < Date.parse(expiresAt);
}

export interface PasswordLinkStore {
  get(tenant: string, userId: string): Promise<PasswordLink | undefined>;
  /**
   * A new link in the place of the user's last.
   *
   * @throws NotFound where the user is gone
   */
  issue(link: PasswordLink, event: AuditEvent): Promise<void>;
  /**
   * Uses it up and sets the password, by one transaction: the user's token generation rises with it.
   *
   * @returns whether this very call used it
   * @throws ConcurrentChange where user or credentials are no longer what was read
   */
  consume(
    link: PasswordLink,
    set: { readonly user: User; readonly credentials: UserCredentials; readonly passwordHash: string },
    event: AuditEvent,
  ): Promise<boolean>;
}
