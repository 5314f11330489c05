import { ConcurrentChange } from '../../entities/errors.ts';
import type { User } from '../../entities/user.ts';
import type { UserCredentials, UserCredentialsStore } from '../../entities/user-credentials.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, isNew, type Table } from './commands.ts';
import { existingUser, unchangedUser, userItemKey } from './user.ts';
import { parseUserCredentials, userCredentialsKey } from './user-credentials.ts';

const unchanged = ({ version }: UserCredentials): Condition =>
  version === 0 ? isNew : { expression: 'version = :version', values: { ':version': version } };

/** Other credentials in the place of those that were read. */
export function credentialsAction(before: UserCredentials, after: UserCredentials): Action {
  const written = { ...after, version: before.version + 1 };
  return { put: { ...userCredentialsKey(before.tenant, before.userId), ...written }, condition: unchanged(before) };
}

/** The user's token generation rises: whatever was issued to them before is dead. */
export function generationAction(user: User): Action {
  const { tenant, id, version, tokenGeneration } = user;
  return {
    update: userItemKey(tenant, id),
    expression: 'SET tokenGeneration = :generation, version = :next',
    values: { ':generation': tokenGeneration + 1, ':next': version + 1 },
    condition: unchangedUser(user),
  };
}

const orChanged = (error: unknown) => (error instanceof ConditionFailed ? new ConcurrentChange() : error);

/** Credentials of users over the one table. */
export function userCredentials(table: Table): UserCredentialsStore {
  return {
    async get(tenant, userId) {
      const item = await table.get(userCredentialsKey(tenant, userId));
      return item && parseUserCredentials(item);
    },

    async update(before, after, event) {
      try {
        // Only what exists has credentials: those of a user who was deleted meanwhile are not written again.
        const user: Action = { check: userItemKey(before.tenant, before.userId), condition: existingUser };
        await table.transact([credentialsAction(before, after), user, ...(event ? auditEventActions(event) : [])]);
      } catch (error) {
        throw orChanged(error);
      }
    },

    async upgradeHash({ tenant, userId, passwordHash }, upgraded) {
      try {
        await table.transact([
          {
            update: userCredentialsKey(tenant, userId),
            expression: 'SET passwordHash = :upgraded, version = version + :one',
            values: { ':upgraded': upgraded, ':one': 1 },
            condition: { expression: 'passwordHash = :before', values: { ':before': passwordHash } },
          },
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailed) && !(error instanceof ConcurrentChange)) throw error;
      }
    },

    async changePassword(user, before, passwordHash, event) {
      try {
        await table.transact([
          credentialsAction(before, { ...before, passwordHash }),
          generationAction(user),
          ...auditEventActions(event),
        ]);
      } catch (error) {
        throw orChanged(error);
      }
    },
  };
}
