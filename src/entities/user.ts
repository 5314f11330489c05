import type { AuditEvent } from './audit-event.ts';
import { MissingRights } from './errors.ts';
import type { PasswordLink } from './password-link.ts';

/** A named bundle of rights, which `src/api/roles.ts` spells out. */
export type Role =
  | 'administrator'
  | 'developer'
  | 'member'
  | { readonly role: 'project_administrator'; readonly project: string };

/** A person of a tenant. */
export interface User {
  readonly tenant: string;
  /** `usr_…` */
  readonly id: string;
  /** Unique in the tenant under NFKC case folding. */
  readonly username: string;
  /** Unique in the tenant under NFKC case folding. */
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly status: 'active' | 'disabled';
  /** Counts changes and resets of the password: what was issued in an earlier generation is dead. */
  readonly tokenGeneration: number;
  /** Counts changes; each is conditional on the version it was decided on. */
  readonly version: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
}

/** A right, in one project where one is named, else in the global context. */
export interface RightInContext {
  readonly right: string;
  readonly project?: string;
}

/**
 * Nobody hands on what they do not hold, nor takes away from those who hold more.
 *
 * @throws MissingRights naming what is not held
 */
export function mustHold(needed: readonly RightInContext[], holds: (needed: RightInContext) => boolean): void {
  const missing = new Set(needed.filter((each) => !holds(each)).map(({ right }) => right));
  if (missing.size > 0) throw new MissingRights([...missing]);
}

/** One page of users in the order of folded usernames; `last` is the position of the last where there may be more. */
export interface UserPage {
  readonly items: readonly User[];
  readonly last?: string;
}

export interface UserReader {
  get(tenant: string, id: string): Promise<User | undefined>;
  /** `after` is the position of the last user seen. */
  list(tenant: string, page: { readonly limit: number; readonly after?: string }): Promise<UserPage>;
}

/** Finds users by what they type at sign-in. */
export interface UserDirectory {
  /** The id of the user of that username or, where there is an `@` in it, that email; one read either way. */
  idOf(tenant: string, typed: string): Promise<string | undefined>;
}

/** Stores users: each change is one transaction with its audit event and the reservations of username and email. */
export interface UserStore extends UserReader {
  /**
   * @throws Conflict saying which of username and email another user of the tenant has
   * @throws InvalidInput naming each role whose project does not exist
   */
  create(user: User, event: AuditEvent, link?: PasswordLink): Promise<void>;
  /**
   * @throws ConcurrentChange where `before` is no longer what is stored
   * @throws Conflict, InvalidInput as for a new user
   */
  update(before: User, after: User, event: AuditEvent): Promise<void>;
  /**
   * With the user go the credentials: a new user of the same name inherits nothing.
   *
   * @throws NotFound
   * @throws ConcurrentChange where the user is no longer what was read
   */
  delete(user: User, event: AuditEvent): Promise<void>;
}
