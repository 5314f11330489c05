import type { ConnectionStore, SeenApplication } from '../../entities/connection.ts';
import { ConcurrentChange, NotFound } from '../../entities/errors.ts';
import { tenantOfBoundId } from '../../entities/identifiers.ts';
import {
  appConnectionKey,
  applicationConnectionKey,
  appPrefix,
  connectionAction,
  developerActions,
  parseConnection,
} from './app-connection.ts';
import { applicationKey } from './application.ts';
import {
  applicationsOf,
  idOfLine,
  listPartition,
  offerKey,
  offerPartition,
  parseApplication,
} from './application-store.ts';
import { auditEventActions } from './audit-event.ts';
import { ConditionFailed, type Item, type Key, type Table } from './commands.ts';
import { partitionKey } from './table.ts';

/** What tenants decided on applications, over the one table. */
export function connections(table: Table): ConnectionStore {
  /** What of a partition comes next; one more than asked for, so that the last page knows that it is the last. */
  async function next(partition: string, limit: number, after: string | undefined): Promise<readonly Item[]> {
    const { items } = await table.query({
      partition,
      beginsWith: appPrefix,
      limit: limit + 1,
      ...(after !== undefined && { after: { pk: partition, sk: appPrefix + after } }),
    });
    return items;
  }

  return {
    async seen(tenant, applicationId) {
      const [key, connectionKey] = [applicationKey(applicationId), appConnectionKey(tenant, applicationId)];
      const offerKeys = [tenant, 'all'].map((offered) => offerKey(offered, applicationId));
      const items = await table.batchGet([key, connectionKey, ...offerKeys]);
      const at = ({ pk, sk }: Key) => items.find((item) => item.pk === pk && item.sk === sk);
      const [found, decided] = [at(key), at(connectionKey)];
      if (found === undefined) return undefined;
      const application = parseApplication(found);
      const connection = decided && parseConnection(decided);
      const offered = tenantOfBoundId('app', applicationId) === tenant || offerKeys.some((offer) => at(offer));
      return isSeen({ application, connection }, offered) ? { application, connection } : undefined;
    },

    async list(tenant, { limit, after }) {
      const [decided = [], ...offers] = await Promise.all(
        [
          partitionKey('app-connection', tenant),
          ...[offerPartition(tenant), offerPartition('all'), listPartition(tenant)],
        ].map((partition) => next(partition, limit, after)),
      );
      const byId = new Map(decided.map(parseConnection).map((connection) => [connection.applicationId, connection]));
      // Whatever of it is on this page was read from each of the partitions.
      const offered = new Set(offers.flat().map(idOfLine));
      const known = [...new Set([...byId.keys(), ...offered])].sort();
      const ids = known.slice(0, limit);
      const seen = (await applicationsOf(table, ids))
        .map((application): SeenApplication => ({ application, connection: byId.get(application.id) }))
        .filter((each) => isSeen(each, offered.has(each.application.id)));
      const last = known.length > limit ? ids.at(-1) : undefined;
      return { items: seen, ...(last !== undefined && { last }) };
    },

    async offered(applicationId, named, { limit, after }) {
      const { pk: partition } = applicationConnectionKey(applicationId, '');
      const { items } = await table.query({
        partition,
        limit: limit + 1,
        ...(after !== undefined && { after: { ...applicationConnectionKey(applicationId, after) } }),
      });
      const byTenant = new Map(items.map(parseConnection).map((connection) => [connection.tenant, connection]));
      const ahead = named.filter((tenant) => after === undefined || tenant > after);
      const known = [...new Set([...byTenant.keys(), ...ahead])].sort();
      const page = known.slice(0, limit);
      const last = known.length > limit ? page.at(-1) : undefined;
      return {
        items: page.map((tenant) => ({ tenant, connection: byTenant.get(tenant) })),
        ...(last !== undefined && { last }),
      };
    },

    async decline(after, { events, toDeveloper = [] }) {
      try {
        await table.transact([
          connectionAction({ after }),
          ...developerActions({ after }, toDeveloper),
          ...events.flatMap(auditEventActions),
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw error.failures.has(0) ? new ConcurrentChange() : new NotFound();
      }
    },
  };
}

/** What is stopped, or not offered any more, is shown to those alone who are connected to it. */
function isSeen({ application, connection }: SeenApplication, offered: boolean): boolean {
  return connection?.clientId !== undefined || (offered && application.status === 'published');
}
