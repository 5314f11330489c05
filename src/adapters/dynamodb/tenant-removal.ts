import { ConcurrentChange } from '../../entities/errors.ts';
import {
  type DeletionStep,
  deletionSteps,
  type ProviderSecrets,
  type TenantDeletion,
  type TenantRemoval,
} from '../../entities/tenant-deletion.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, type Key, type Table } from './commands.ts';
import { tenantKey, tenantStandingKey } from './tenant.ts';
import { type Collection, contentsOf } from './tenant-contents.ts';
import { deletionPartition, parseTenantDeletion, tenantDeletionItem, tenantDeletionKey } from './tenant-deletion.ts';
import { tenantListKey } from './tenant-register.ts';

/** Deletions that one run looks at; the others wait until these are done. */
const atOnce = 25;

/** Rows read at a time. */
const pageSize = 100;

/** Rows removed in one transaction, which the record of it makes a hundred. */
const removedAtOnce = 99;

/** The same of versions of applications, which hold logos: what one transaction touches must not exceed 4 MB. */
const versionsRemovedAtOnce = 25;

/**
 * Removal of tenants from the one table.
 *
 * @param contents what there is to remove in a step
 */
export function tenantRemoval(table: Table, secrets: ProviderSecrets, contents = contentsOf): TenantRemoval {
  /** The keys of a collection, each after those that go with it: what is found is found again until all of it is gone. */
  async function* keysOf(tenant: string, { partition, index, goingWith }: Collection): AsyncGenerator<Key> {
    for (let after: Key | undefined; ; ) {
      const { items, more, last } = await table.query({
        partition,
        limit: pageSize,
        ...(index && { index }),
        ...(after && { after: { ...after } }),
      });
      for (const row of items) {
        const { keys = [], collections = [], provider } = goingWith?.(row) ?? {};
        if (provider !== undefined) await secrets.delete({ tenant, id: provider });
        for (const each of collections) yield* keysOf(tenant, each);
        yield* keys;
        yield { pk: String(row.pk), sk: String(row.sk) };
      }
      if (!more) return;
      after = last;
    }
  }

  /** Removes some rows, and writes down how far that is; of two runs that do the same, one goes on. */
  async function remove(before: TenantDeletion, keys: ReadonlyMap<string, Key>): Promise<TenantDeletion> {
    const after = { ...before, removed: before.removed + keys.size };
    const removals = [...keys.values()].map((key): Action => ({ delete: key }));
    await alone(table.transact([...removals, { put: tenantDeletionItem(after), condition: unchanged(before) }]));
    return after;
  }

  return {
    async inProgress() {
      const { items } = await table.query({ partition: deletionPartition, limit: atOnce });
      return items.map(parseTenantDeletion);
    },

    async goOn(deletion, mayGoOn) {
      let at = deletion;
      for (const step of deletionSteps.slice(deletionSteps.indexOf(at.step))) {
        if (!isOfContents(step)) continue;
        if (at.step !== step) at = await entered(at, step);
        const together = step === 'applications' ? versionsRemovedAtOnce : removedAtOnce;
        let keys = new Map<string, Key>();
        for (const collection of contents(at.tenant, step)) {
          for await (const key of keysOf(at.tenant, collection)) {
            keys.set(`${key.pk} ${key.sk}`, key);
            if (keys.size < together) continue;
            at = await remove(at, keys);
            keys = new Map();
            if (!mayGoOn()) return at;
          }
        }
        // A step in which nothing is left is passed whatever the time: each run comes further than the one before.
        if (keys.size === 0) continue;
        at = await remove(at, keys);
        if (!mayGoOn()) return at;
      }
      return at.step === 'tenant' ? at : entered(at, 'tenant');
    },

    async finish(deletion, event) {
      const { tenant } = deletion;
      await alone(
        table.transact([
          { delete: tenantKey(tenant) },
          { delete: tenantStandingKey(tenant) },
          { delete: tenantListKey(tenant) },
          { delete: tenantDeletionKey(tenant), condition: unchanged(deletion) },
          ...auditEventActions(event),
        ]),
      );
    },
  };

  async function entered(before: TenantDeletion, step: DeletionStep): Promise<TenantDeletion> {
    const after = { ...before, step };
    await alone(table.transact([{ put: tenantDeletionItem(after), condition: unchanged(before) }]));
    return after;
  }
}

function isOfContents(step: DeletionStep): step is Exclude<DeletionStep, 'waiting' | 'tenant'> {
  return step !== 'waiting' && step !== 'tenant';
}

/** Nobody else has gone on meanwhile. */
function unchanged({ removed, step }: TenantDeletion): Condition {
  return { expression: 'removed = :removed AND step = :step', values: { ':removed': removed, ':step': step } };
}

/** @throws ConcurrentChange where another run is at it */
async function alone(write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
  }
}
