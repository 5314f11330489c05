import * as z from 'zod/mini';
import { ConcurrentChange, Conflict, InvalidInput, NotFound } from '../../entities/errors.ts';
import { foldedName } from '../../entities/integration-name.ts';
import { longestPersonalAccessTokenDays } from '../../entities/personal-access-token.ts';
import type { User, UserDirectory, UserStore } from '../../entities/user.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
import { passwordLinkItem, passwordLinkKey } from './password-link.ts';
import { existingProject, projectItemKey } from './project.ts';
import { table as names, partitionKey } from './table.ts';
import { userCredentialsKey } from './user-credentials.ts';

/** Where a user lies. */
export function userItemKey(tenant: string, id: string): Key {
  return { pk: partitionKey('user', tenant, id), sk: 'USER' };
}

/** Where a username is reserved, which is also the user's place in lists. */
export function usernameKey(tenant: string, foldedUsername: string): Key {
  return { pk: partitionKey('username', tenant), sk: foldedUsername };
}

/** Where an email is reserved. */
export function emailKey(tenant: string, foldedEmail: string): Key {
  return { pk: partitionKey('email', tenant), sk: foldedEmail };
}

/** A user's items: its own, and the two reservations. */
function keysOf({ tenant, id, username, email }: User): readonly [Key, Key, Key] {
  return [userItemKey(tenant, id), usernameKey(tenant, foldedName(username)), emailKey(tenant, foldedName(email))];
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    id: z.string(),
    username: z.string(),
    email: z.string(),
    name: z.string(),
    roles: z.array(
      z.union([
        z.enum(['administrator', 'developer', 'member']),
        z.object({ role: z.literal('project_administrator'), project: z.string() }),
      ]),
    ),
    status: z.enum(['active', 'disabled']),
    tokenGeneration: z._default(z.number(), 0),
    version: z._default(z.number(), 1),
    createdAt: z.string(),
  }),
);

/** The user of an item read from {@link userItemKey}. */
export const parseUser = (item: Item): User => z.parse(stored(), item);

/** The user is there. */
export const existingUser: Condition = { expression: 'attribute_exists(pk)' };

/** The user is there and what was read; rows from before versions were counted are in their first. */
export function unchangedUser({ version }: Pick<User, 'version'>): Condition {
  const first = version === 1 ? ' OR attribute_not_exists(version)' : '';
  return {
    expression: `attribute_exists(pk) AND (version = :version${first})`,
    values: { ':version': version },
  };
}

/** One action of a change, and what its condition's failure means. */
interface Step {
  readonly action: Action;
  readonly failure?: (evidence: Item | undefined) => Error;
}

const usernameTaken = () => new Conflict('Another user has this username.');
const emailTaken = () => new Conflict('Another user has this email.');
const goneOrChanged = (evidence: Item | undefined) => (evidence ? new ConcurrentChange() : new NotFound());

/** Each project of a role exists; the fault names the role by its place. */
function projectSteps(after: User, before?: User): Step[] {
  const had = new Set(before?.roles.map((role) => (typeof role === 'string' ? '' : role.project)));
  return after.roles.flatMap((role, index): Step[] => {
    if (typeof role === 'string' || had.has(role.project)) return [];
    const fault = { pointer: `/roles/${index}/project`, detail: 'is not a project' };
    return [
      {
        action: { check: projectItemKey(after.tenant, role.project), condition: existingProject },
        failure: () => new InvalidInput([fault]),
      },
    ];
  });
}

function emailSteps(before: User, after: User): Step[] {
  const [[, , from], [, , to]] = [keysOf(before), keysOf(after)];
  if (from.sk === to.sk) return [];
  return [
    { action: { delete: from } },
    { action: { put: { ...to, id: after.id }, condition: isNew }, failure: emailTaken },
  ];
}

/** One transaction; of the conditions that failed the first says what is thrown, faults of the input together. */
async function transact(table: Table, steps: readonly Step[]): Promise<void> {
  try {
    await table.transact(steps.map(({ action }) => action));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const failed = steps.flatMap(({ failure }, index) =>
      failure !== undefined && error.failures.has(index) ? [failure(error.failures.get(index))] : [],
    );
    const faults = failed.flatMap((each) => (each instanceof InvalidInput ? each.faults : []));
    throw faults.length > 0 ? new InvalidInput(faults) : (failed[0] ?? error);
  }
}

const audited = (event: Parameters<typeof auditEventActions>[0]): Step[] =>
  auditEventActions(event).map((action) => ({ action }));

/**
 * Writes down that a user who is deleted may leave sessions and personal access tokens, which open nothing any more and go
 * when they would have run out: the removal of their tenant finds them by this, which stays for longer than they do.
 */
function leftAccessAction({ tenant, id }: User, deletedAt: string): Action {
  const until = Math.ceil(Date.parse(deletedAt) / 1000) + (longestPersonalAccessTokenDays + 1) * 86_400;
  return { put: { pk: partitionKey('session', tenant), sk: id, [names.timeToLive]: until } };
}

/** Users over the one table. */
export function users(table: Table): UserStore {
  return {
    async create(user, event, link) {
      const [userKey, username, email] = keysOf(user);
      await transact(table, [
        { action: { put: { ...userKey, ...user }, condition: isNew } },
        { action: { put: { ...username, ...user }, condition: isNew }, failure: usernameTaken },
        { action: { put: { ...email, id: user.id }, condition: isNew }, failure: emailTaken },
        ...(link ? [{ action: { put: passwordLinkItem(link) } }] : []),
        ...projectSteps(user),
        ...audited(event),
      ]);
    },

    async update(before, after, event) {
      const [userKey, username] = keysOf(before);
      const written = { ...after, version: before.version + 1 };
      await transact(table, [
        { action: { put: { ...userKey, ...written }, condition: unchangedUser(before) }, failure: goneOrChanged },
        { action: { put: { ...username, ...written } } },
        ...emailSteps(before, after),
        ...projectSteps(after, before),
        ...audited(event),
      ]);
    },

    async delete(user, event) {
      const [userKey, username, email] = keysOf(user);
      await transact(table, [
        { action: { delete: userKey, condition: unchangedUser(user) }, failure: goneOrChanged },
        { action: { delete: username } },
        { action: { delete: email } },
        { action: { delete: userCredentialsKey(user.tenant, user.id) } },
        { action: { delete: passwordLinkKey(user.tenant, user.id) } },
        { action: leftAccessAction(user, event.at) },
        ...audited(event),
      ]);
    },

    async get(tenant, id) {
      const item = await table.get(userItemKey(tenant, id));
      return item && parseUser(item);
    },

    list(tenant, { limit, after }) {
      return entityPage(table, {
        query: {
          partition: partitionKey('username', tenant),
          ...(after !== undefined && { after: { ...usernameKey(tenant, after) } }),
        },
        limit,
        parse: parseUser,
        positionOf: ({ username }) => foldedName(username),
      });
    },
  };
}

const reservation = once(() => z.object({ id: z.string() }));

/** Where users are found by what they type. */
export function userDirectory(table: Table): UserDirectory {
  return {
    async idOf(tenant, typed) {
      const folded = foldedName(typed);
      // No name is empty, and an empty sort key is no key.
      if (folded === '') return undefined;
      const item = await table.get(folded.includes('@') ? emailKey(tenant, folded) : usernameKey(tenant, folded));
      return item && z.parse(reservation(), item).id;
    },
  };
}
