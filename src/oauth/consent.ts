import type { Consent } from '../entities/consent.ts';
import type { Holdings } from '../entities/holdings.ts';
import { newId, type RandomBytes } from '../entities/identifiers.ts';
import { holdsIn } from './holdings.ts';

/** What a user is asked to agree to, or agreed to. */
export interface Agreement {
  readonly scopes: readonly string[];
  readonly rights: Holdings;
}

/** Whether somebody agreed to all of this already: to each right where it is to hold, or everywhere. */
export function isCovered(asked: Agreement, agreed: Agreement | undefined): boolean {
  if (agreed === undefined) return false;
  const { global, byProject } = asked.rights;
  return (
    asked.scopes.every((scope) => agreed.scopes.includes(scope)) &&
    global.every((right) => holdsIn(agreed.rights, right)) &&
    Object.entries(byProject).every(([project, rights]) =>
      rights.every((right) => holdsIn(agreed.rights, right, project)),
    )
  );
}

/** Whose consent it is, and to what. */
export interface GivenConsent extends Agreement {
  readonly tenant: string;
  readonly userId: string;
  readonly clientId: string;
}

/**
 * The consent as it is once the user has agreed: what was agreed before stays. To be written on the condition that
 * `before` is still what is stored; where it is not, read and widen again.
 *
 * @param before what is stored: the same user's, to the same client
 * @param now milliseconds since the epoch
 */
export function widened(
  before: Consent | undefined,
  { tenant, userId, clientId, scopes, rights }: GivenConsent,
  now: number,
  randomBytes: RandomBytes,
): Consent {
  const at = new Date(now).toISOString();
  if (before === undefined)
    return { tenant, userId, clientId, id: newId('cns', randomBytes), scopes, rights, createdAt: at, updatedAt: at };
  return {
    ...before,
    scopes: [...new Set([...before.scopes, ...scopes])],
    rights: either(before.rights, rights),
    updatedAt: later(before.updatedAt, now),
  };
}

function either(one: Holdings, other: Holdings): Holdings {
  const global = [...new Set([...one.global, ...other.global])];
  const projects = new Set([...Object.keys(one.byProject), ...Object.keys(other.byProject)]);
  const byProject = [...projects].map((project) => {
    const rights = [one, other].flatMap((holdings) =>
      Object.hasOwn(holdings.byProject, project) ? (holdings.byProject[project] ?? []) : [],
    );
    return [project, [...new Set(rights)].filter((right) => !holdsIn({ global, byProject: {} }, right))] as const;
  });
  return { global, byProject: Object.fromEntries(byProject.filter(([, rights]) => rights.length > 0)) };
}

/** The time tells one state of the consent from the next: no two share a millisecond. */
function later(before: string, now: number): string {
  return new Date(Math.max(now, Date.parse(before) + 1)).toISOString();
}
