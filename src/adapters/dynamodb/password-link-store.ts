import { ConcurrentChange, NotFound } from '../../entities/errors.ts';
import type { PasswordLinkStore } from '../../entities/password-link.ts';
import { auditEventActions } from './audit-event.ts';
import { ConditionFailed, type Table } from './commands.ts';
import { parsePasswordLink, passwordLinkItem, passwordLinkKey } from './password-link.ts';
import { existingUser, userItemKey } from './user.ts';
import { credentialsAction, generationAction } from './user-credentials-store.ts';

/** Links to set a password over the one table. */
export function passwordLinks(table: Table): PasswordLinkStore {
  return {
    async get(tenant, userId) {
      const item = await table.get(passwordLinkKey(tenant, userId));
      return item && parsePasswordLink(item);
    },

    async issue(link, event) {
      try {
        await table.transact([
          { put: passwordLinkItem(link) },
          { check: userItemKey(link.tenant, link.userId), condition: existingUser },
          ...auditEventActions(event),
        ]);
      } catch (error) {
        throw error instanceof ConditionFailed ? new NotFound() : error;
      }
    },

    async consume(link, { user, credentials, passwordHash }, event) {
      try {
        await table.transact([
          {
            delete: passwordLinkKey(link.tenant, link.userId),
            condition: { expression: 'linkHash = :hash', values: { ':hash': link.hash } },
          },
          credentialsAction(credentials, { ...credentials, passwordHash }),
          generationAction(user),
          ...auditEventActions(event),
        ]);
        return true;
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        if (error.failures.has(0)) return false;
        throw new ConcurrentChange();
      }
    },
  };
}
