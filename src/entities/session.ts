import type { AuditEvent } from './audit-event.ts';

/** How somebody proved who they are (RFC 8176 §2); `fed`: an upstream provider says so. */
export type AuthenticationMethod = 'pwd' | 'otp' | 'hwk' | 'rec' | 'fed';

/** When and how a user signed in: what `auth_time`, `amr` and `acr` of an ID token are made of (OIDC Core §2). */
export interface Authentication {
  /** ISO 8601, UTC, milliseconds; the latest time that the user proved to be there. */
  readonly authenticatedAt: string;
  readonly methods: readonly AuthenticationMethod[];
}

/** A user who is signed in with one browser. */
export interface Session extends Authentication {
  readonly tenant: string;
  readonly userId: string;
  /** `ses_…`: the `sid` of tokens; names the session and opens nothing. */
  readonly id: string;
  /** SHA-256, base64url, of what the browser's cookie holds; another one after each sign-in and step-up. */
  readonly secretHash: string;
  /** The user's token generation at sign-in: a session of an earlier one is over. */
  readonly userGeneration: number;
  readonly createdAt: string;
  /** ISO 8601; over then, whatever happened in it. */
  readonly expiresAt: string;
  /** What the browser called itself and where it was, for people to recognize it by. */
  readonly userAgent?: string | undefined;
  readonly address?: string | undefined;
}

const secondFactors: readonly AuthenticationMethod[] = ['otp', 'hwk', 'rec'];

/** Whether one of the methods is a second factor. */
export function hasSecond(methods: readonly AuthenticationMethod[]): boolean {
  return methods.some((method) => secondFactors.includes(method));
}

/** Whether a session that was read still counts. */
export function isCurrent(
  session: Pick<Session, 'expiresAt' | 'userGeneration'>,
  user: { readonly tokenGeneration: number },
  now: number,
): boolean {
  return now < Date.parse(session.expiresAt) && session.userGeneration >= user.tokenGeneration;
}

export interface SessionReader {
  get(tenant: string, userId: string, id: string): Promise<Session | undefined>;
}

export interface SessionStore extends SessionReader {
  /** Every session of the user that is kept; those that ran out may be among them. */
  list(tenant: string, userId: string): Promise<readonly Session[]>;
  create(session: Session, event: AuditEvent): Promise<void>;
  /**
   * A step-up: other secret, other authentication.
   *
   * @throws ConcurrentChange where `before` is no longer what is stored
   */
  renew(before: Session, after: Session): Promise<void>;
  /**
   * Ends it: everything that hangs on it is dead. In the same transaction it is written down which clients were given
   * tokens in it, for them to be told (back-channel logout).
   *
   * @throws NotFound
   */
  end(tenant: string, userId: string, id: string, event: AuditEvent): Promise<void>;
  /** Notes that a client was given tokens in the session; twice is once. */
  noteClient(session: Pick<Session, 'tenant' | 'userId' | 'id' | 'expiresAt'>, clientId: string): Promise<void>;
}
