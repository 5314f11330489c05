import { Conflict, NotFound } from '../../entities/errors.ts';
import type { PersonalAccessTokenStore } from '../../entities/personal-access-token.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, ConditionFailed, isNew, type Table } from './commands.ts';
import { consentKey } from './consent.ts';
import { personalAccessTokenItem, personalAccessTokenKey, personalAccessTokensOf } from './personal-access-token.ts';

/** Personal access tokens over the one table. */
export function personalAccessTokens(table: Table): PersonalAccessTokenStore {
  return {
    list: (tenant, userId) => personalAccessTokensOf(table, tenant, userId),

    async create(token, event) {
      const { tenant, userId, clientId, consentId } = token;
      const consent: Action[] =
        consentId === undefined
          ? []
          : [
              {
                check: consentKey(tenant, userId, clientId),
                condition: { expression: 'id = :id', values: { ':id': consentId } },
              },
            ];
      try {
        await table.transact([
          { put: personalAccessTokenItem(token), condition: isNew },
          ...consent,
          ...auditEventActions(event),
        ]);
      } catch (error) {
        if (error instanceof ConditionFailed && consent.length > 0 && error.failures.has(1))
          throw new Conflict('The consent to the app that this token would be made through was withdrawn.');
        throw error;
      }
    },

    async revoke({ tenant, userId, hash }, event) {
      try {
        await table.transact([
          {
            delete: personalAccessTokenKey(tenant, userId, hash),
            condition: { expression: 'attribute_exists(pk)' },
          },
          ...auditEventActions(event),
        ]);
      } catch (error) {
        throw error instanceof ConditionFailed ? new NotFound() : error;
      }
    },
  };
}
