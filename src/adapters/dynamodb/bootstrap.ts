import type { BootstrapStore } from '../../deployment/bootstrap.ts';
import type { RegisteredApi } from '../../entities/deployment.ts';
import { ConcurrentChange } from '../../entities/errors.ts';
import type { KeyChange } from '../../entities/signing-key-life.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, ConditionFailed, isNew, type Table } from './commands.ts';
import { cursorKeyItem } from './cursor-key.ts';
import { apiItem, readDeployment, signingKeyItem } from './deployment.ts';
import { foundingActions } from './tenant-register.ts';

/** A key's row as it is to be, if it is still as it was: with each state a key enters it another `since`. */
export function keyChangeAction({ before, after }: KeyChange): Action {
  return {
    put: signingKeyItem(after),
    condition: before === undefined ? isNew : { expression: 'since = :since', values: { ':since': before.since } },
  };
}

/** The rows that the bootstrap writes, in the table. */
export function bootstrapStore(table: Table): BootstrapStore {
  return {
    read: () => readDeployment(table),
    async found({ tenant, administrator, cursorKey, event }, keys, apis) {
      await transact(table, [
        // There is one of it in a table: two foundations of different tenants meet here.
        { put: cursorKeyItem(cursorKey), condition: isNew },
        ...foundingActions(tenant, { tenant: tenant.tenant, status: 'active', operator: true }, administrator),
        ...auditEventActions(event),
        ...registrationActions(keys, apis),
      ]);
    },
    async register(keys, apis) {
      const actions = registrationActions(keys, apis);
      if (actions.length > 0) await transact(table, actions);
    },
  };
}

function registrationActions(keys: readonly KeyChange[], apis: readonly RegisteredApi[]): Action[] {
  return [...keys.map(keyChangeAction), ...apis.map((api) => ({ put: apiItem(api) }))];
}

async function transact(table: Table, actions: readonly Action[]): Promise<void> {
  try {
    await table.transact(actions);
  } catch (error) {
    throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
  }
}
