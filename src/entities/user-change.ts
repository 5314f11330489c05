import { Forbidden } from './errors.ts';
import { mustHold, type RightInContext, type User } from './user.ts';

/** What a change of a user may give; absent members stay. */
export type UserChange = Partial<Pick<User, 'name' | 'email' | 'roles' | 'status'>>;

/** Who changes a user, and what they and roles hold. */
export interface UserChanger {
  /** The token's user, else its client. */
  readonly subject: string;
  readonly holds: (needed: RightInContext) => boolean;
  readonly rightsOf: (roles: User['roles']) => readonly RightInContext[];
}

/** What differs between two states of a user, as the audit log is told. */
export function changesOfUser(before: User, after: User): UserChange {
  const members = ['name', 'email', 'roles', 'status'] as const;
  return Object.fromEntries(
    members
      .filter((member) => JSON.stringify(before[member]) !== JSON.stringify(after[member]))
      .map((member) => [member, after[member]]),
  );
}

/** Who acts on a user must hold all that the user holds: nobody gains a right through another's account. */
export function mustHoldAllOf(user: User, { holds, rightsOf }: UserChanger): void {
  mustHold(rightsOf(user.roles), holds);
}

/**
 * A user after a change.
 *
 * @throws Forbidden where somebody changes their own roles or status
 * @throws MissingRights where the changer lacks a right that the user holds, or is to hold
 */
export function changedUser(before: User, change: UserChange, changer: UserChanger): User {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const after: User = { ...before, ...given };
  const { email, roles, status } = changesOfUser(before, after);
  const ownAccount = before.id === changer.subject;
  if (ownAccount && (roles !== undefined || status !== undefined))
    throw new Forbidden('Nobody changes their own roles or status.');
  if (!ownAccount && (email !== undefined || roles !== undefined || status !== undefined)) {
    const needed = [...changer.rightsOf(before.roles), ...changer.rightsOf(roles ?? [])];
    mustHold(needed, changer.holds);
  }
  return after;
}
