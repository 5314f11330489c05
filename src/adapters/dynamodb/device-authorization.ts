import * as z from 'zod/mini';
import type {
  DeviceAuthorization,
  DeviceAuthorizationStore,
  UserCodeTarget,
} from '../../entities/device-authorization.ts';
import { ConcurrentChange, DependencyUnavailable } from '../../entities/errors.ts';
import { once } from '../../once.ts';
import type { Pause } from '../../ports.ts';
import { type Action, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';
import { storedFamilyDraft, tokenFamilyItem } from './token-family.ts';

/** Where a device's authorization lies, found by its tenant and the hash of its device code. */
function deviceAuthorizationKey(tenant: string, codeHash: string): Key {
  return { pk: partitionKey('device-authorization', tenant, codeHash), sk: 'DEVICE_AUTHORIZATION' };
}

/** Where a user code lies; its tenant is not known before it is read, so that each code exists once everywhere. */
function userCodeKey(userCode: string): Key {
  return { pk: partitionKey('user-code', userCode), sk: 'USER_CODE' };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    codeHash: z.string(),
    userCode: z.string(),
    clientId: z.string(),
    parameters: z.record(z.string(), z.array(z.string())),
    projects: z.optional(z.array(z.string())),
    createdAt: z.string(),
    expiresAt: z.string(),
    intervalSeconds: z.number(),
    polledAt: z.optional(z.string()),
    verdict: z.optional(z.enum(['allowed', 'denied'])),
    begins: z.optional(z.object(storedFamilyDraft())),
    redeemed: z.optional(z.literal(true)),
  }),
);

/** The authorization of an item read from {@link deviceAuthorizationKey}. */
const parseDeviceAuthorization = (item: Item): DeviceAuthorization => z.parse(stored(), item);

const storedTarget = once(() =>
  z.object({
    tenant: z.string(),
    codeHash: z.string(),
    clientId: z.string(),
    projects: z.optional(z.array(z.string())),
    expiresAt: z.string(),
  }),
);

/** How long a row outlives its codes, in seconds: who polls late is told that they ran out. */
const marginSeconds = 3_600;

const timeToLive = ({ expiresAt }: Pick<UserCodeTarget, 'expiresAt'>) =>
  Math.ceil(Date.parse(expiresAt) / 1000) + marginSeconds;

const authorizationItem = (authorization: DeviceAuthorization): Item => ({
  ...deviceAuthorizationKey(authorization.tenant, authorization.codeHash),
  ...authorization,
  [names.timeToLive]: timeToLive(authorization),
});

const userCodeItem = ({ userCode, ...authorization }: DeviceAuthorization): Item => {
  const { tenant, codeHash, clientId, projects, expiresAt } = authorization;
  return {
    ...userCodeKey(userCode),
    ...({ tenant, codeHash, clientId, projects, expiresAt } satisfies UserCodeTarget),
    [names.timeToLive]: timeToLive(authorization),
  };
};

const undecided = 'attribute_exists(pk) AND attribute_not_exists(verdict)';

interface Where {
  readonly table: Table;
  readonly pause: Pause;
}

/** Device authorizations over the one table. */
export function deviceAuthorizations(table: Table, pause: Pause): DeviceAuthorizationStore {
  const where = { table, pause };
  return {
    async create(authorization, now) {
      const free = {
        // A code that ran out may be given again before the table's time to live removes it.
        expression: 'attribute_not_exists(pk) OR expiresAt < :now',
        values: { ':now': new Date(now).toISOString() } as const,
      };
      return holds(where, [
        { put: userCodeItem(authorization), condition: free },
        { put: authorizationItem(authorization), condition: isNew },
      ]);
    },

    async get(tenant, codeHash) {
      const item = await table.get(deviceAuthorizationKey(tenant, codeHash));
      return item && parseDeviceAuthorization(item);
    },

    async findByUserCode(userCode) {
      const item = await table.get(userCodeKey(userCode));
      return item && z.parse(storedTarget(), item);
    },

    async notePoll(before, polledAt, intervalSeconds) {
      const { polledAt: earlier } = before;
      const sameAsRead = earlier === undefined ? 'attribute_not_exists(polledAt)' : 'polledAt = :before';
      try {
        await table.put(authorizationItem({ ...before, polledAt, intervalSeconds }), {
          expression: `${undecided} AND ${sameAsRead}`,
          ...(earlier !== undefined && { values: { ':before': earlier } }),
        });
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed || error instanceof ConcurrentChange) return false;
        throw error;
      }
    },

    async decide({ tenant, codeHash, userCode }, begins) {
      return holds(where, [
        {
          update: deviceAuthorizationKey(tenant, codeHash),
          expression: begins === undefined ? 'SET verdict = :verdict' : 'SET verdict = :verdict, begins = :begins',
          values: {
            ':verdict': begins === undefined ? 'denied' : 'allowed',
            ...(begins !== undefined && { ':begins': begins }),
          },
          condition: { expression: undecided },
        },
        // Only where it still leads here: run out, it may have been given to another device.
        {
          delete: userCodeKey(userCode),
          condition: { expression: 'codeHash = :codeHash', values: { ':codeHash': codeHash } },
        },
      ]);
    },

    async redeem({ tenant, codeHash }, family) {
      return holds(where, [
        {
          update: deviceAuthorizationKey(tenant, codeHash),
          expression: 'SET redeemed = :true',
          values: { ':true': true },
          condition: {
            expression: 'verdict = :allowed AND attribute_not_exists(redeemed)',
            values: { ':allowed': 'allowed' },
          },
        },
        { put: tokenFamilyItem(family), condition: isNew },
      ]);
    },
  };
}

/** How often a transaction is tried that meets another one at the same items, and the longest pause after the first. */
const tries = 4;
const shortestPause = 100;

/**
 * Writes all of it, and says whether the conditions held.
 *
 * @throws DependencyUnavailable where others were at the same items each time
 */
async function holds({ table, pause }: Where, actions: readonly Action[], losses = 0): Promise<boolean> {
  try {
    await table.transact(actions);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    if (!(error instanceof ConcurrentChange)) throw error;
    if (losses + 1 === tries) throw new DependencyUnavailable(error);
    await pause(shortestPause * 2 ** losses);
    return holds({ table, pause }, actions, losses + 1);
  }
}
