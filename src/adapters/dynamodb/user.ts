import * as z from 'zod/mini';
import { Conflict, InvalidInput, NotFound } from '../../entities/errors.ts';
import { foldedName } from '../../entities/integration-name.ts';
import type { User, UserStore } from '../../entities/user.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
import { existingProject, projectItemKey } from './project.ts';
import { partitionKey } from './table.ts';

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

const stored = z.object({
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
});

/** The user of an item read from {@link userItemKey}. */
export const parseUser = (item: Item): User => z.parse(stored, item);

/** Users over the one table. */
export function users(table: Table): UserStore {
  return {
    async create(user, event) {
      const [userKey, username, email] = keysOf(user);
      const projects = user.roles.flatMap((role, index) =>
        typeof role === 'string' ? [] : [{ index, project: role.project }],
      );
      const writes: Action[] = [
        { put: { ...userKey, ...user }, condition: isNew },
        { put: { ...username, ...user }, condition: isNew },
        { put: { ...email, id: user.id }, condition: isNew },
      ];
      const checks = projects.map(
        ({ project }): Action => ({ check: projectItemKey(user.tenant, project), condition: existingProject }),
      );
      try {
        await table.transact([...writes, ...checks, ...auditEventActions(event)]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        const absent = projects.filter((_, index) => error.failures.has(writes.length + index));
        if (absent.length > 0)
          throw new InvalidInput(
            absent.map(({ index }) => ({ pointer: `/roles/${index}/project`, detail: 'is not a project' })),
          );
        if (error.failures.has(1)) throw new Conflict('Another user has this username.');
        if (error.failures.has(2)) throw new Conflict('Another user has this email.');
        throw error;
      }
    },

    async delete(user, event) {
      const [userKey, username, email] = keysOf(user);
      try {
        await table.transact([
          { delete: userKey, condition: { expression: 'attribute_exists(pk)' } },
          { delete: username },
          { delete: email },
          ...auditEventActions(event),
        ]);
      } catch (error) {
        if (error instanceof ConditionFailed) throw new NotFound();
        throw error;
      }
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
