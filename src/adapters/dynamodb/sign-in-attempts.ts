import * as z from 'zod/mini';
import { ConcurrentChange } from '../../entities/errors.ts';
import type { Attempts, CountedAttempt, SignInAttemptsStore } from '../../entities/sign-in-attempts.ts';
import { once } from '../../once.ts';
import { type Action, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { table as names, partitionKey } from './table.ts';
import { parseUser, userItemKey } from './user.ts';
import { parseUserCredentials, userCredentialsKey } from './user-credentials.ts';

/** Where attempts are counted; the counter's name is a hash. */
function attemptsKey(tenant: string, counter: string): Key {
  return { pk: partitionKey('sign-in-attempts', tenant, counter), sk: 'ATTEMPTS' };
}

const stored = once(() => z.object({ attempts: z.number(), countedAt: z.number(), version: z.number() }));

function parseAttempts(item: Item): Attempts {
  const { attempts: count, countedAt: at, version } = z.parse(stored(), item);
  return { count, at, version };
}

const day = 24 * 3600;
/** Whatever was counted is forgiven by then. */
const keptSeconds = 7 * day;
/** How long a browser is known after the latest sign-in with it. */
const knownSeconds = 400 * day;

const item = (tenant: string, counter: string, { count, at, version }: Attempts, seconds: number): Item => ({
  ...attemptsKey(tenant, counter),
  attempts: count,
  countedAt: at,
  version,
  [names.timeToLive]: Math.ceil(at / 1000) + seconds,
});

function countAction(tenant: string, { counter, before, after }: CountedAttempt): Action {
  if (before === undefined) return { put: item(tenant, counter, after, keptSeconds), condition: isNew };
  return {
    // An update: how long the item is kept stays as it is where it is a browser that is known.
    update: attemptsKey(tenant, counter),
    expression: 'SET attempts = :attempts, countedAt = :at, version = :next',
    values: { ':attempts': after.count, ':at': after.at, ':next': after.version },
    condition: { expression: 'version = :version', values: { ':version': before.version } },
  };
}

/** Counters of attempts over the one table. */
export function signInAttempts(table: Table): SignInAttemptsStore {
  return {
    async read(tenant, userId, counters) {
      const user = userItemKey(tenant, userId);
      const credentials = userCredentialsKey(tenant, userId);
      const keys = counters.map((counter) => attemptsKey(tenant, counter));
      const items = await table.batchGet([user, credentials, ...keys]);
      const at = ({ pk }: Key) => items.find((each) => each.pk === pk);
      const [userItem, credentialsItem] = [at(user), at(credentials)];
      return {
        user: userItem && parseUser(userItem),
        credentials: credentialsItem && parseUserCredentials(credentialsItem),
        attempts: new Map(
          counters.flatMap((counter) => {
            const found = at(attemptsKey(tenant, counter));
            return found ? [[counter, parseAttempts(found)]] : [];
          }),
        ),
      };
    },

    async count(tenant, attempts) {
      try {
        await table.transact(attempts.map((attempt) => countAction(tenant, attempt)));
      } catch (error) {
        throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
      }
    },

    async forgive(tenant, counters) {
      try {
        await table.transact(
          counters.map((counter) => ({
            update: attemptsKey(tenant, counter),
            expression: 'SET attempts = attempts - :one, version = version + :one',
            values: { ':one': 1 },
            condition: { expression: 'attempts >= :one' },
          })),
        );
      } catch (error) {
        // Others are counted at this moment: one attempt more is on the count than need be, until time forgives it.
        if (!(error instanceof ConditionFailed) && !(error instanceof ConcurrentChange)) throw error;
      }
    },

    async knowDevice(tenant, counter, now) {
      await table.put(item(tenant, counter, { count: 0, at: now, version: now }, knownSeconds));
    },
  };
}
