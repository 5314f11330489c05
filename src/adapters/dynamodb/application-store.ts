import * as z from 'zod/mini';
import type {
  Application,
  ApplicationPage,
  ApplicationPageQuery,
  ApplicationStore,
  ApplicationVersion,
  OfferedTo,
  PublishedApplication,
} from '../../entities/application.ts';
import { maximumChangedTenants } from '../../entities/application.ts';
import { tenantsAdded } from '../../entities/application-version.ts';
import { ConcurrentChange } from '../../entities/errors.ts';
import { isTenantId } from '../../entities/identifiers.ts';
import { once } from '../../once.ts';
import { appPrefix } from './app-connection.ts';
import { applicationKey, storedStanding } from './application.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { entityPage } from './entity-page.ts';
import { partitionKey } from './table.ts';

const versionPrefix = 'VERSION#';
const versionDigits = 10;

/** Where a version lies: with its application, in the order of numbers. */
export function applicationVersionKey(id: string, version: number): Key {
  return { pk: applicationKey(id).pk, sk: versionPrefix + String(version).padStart(versionDigits, '0') };
}

/** Whom an application is offered to; apart from it, because it may be long. */
function tenantsKey(id: string): Key {
  return { pk: applicationKey(id).pk, sk: 'TENANTS' };
}

/** The applications of a tenant are listed in one partition, those that wait for the operator in another. */
export const listPartition = (tenant: string) => partitionKey('application-list', tenant);
const waitingPartition = partitionKey('application-list', 'waiting');

/** The applications offered to a tenant, or, with `all`, to every one. */
export const offerPartition = (tenant: string) => partitionKey('app-offer', tenant);

const lineIn = (partition: string, id: string): Key => ({ pk: partition, sk: appPrefix + id });

/** Where it stands that an application is offered to a tenant, or to `all`. */
export const offerKey = (tenant: string, id: string): Key => lineIn(offerPartition(tenant), id);

/** The line that is there or not. */
const line = (key: Key, id: string): Item => ({ ...key, id });

/** The id in a line of {@link listPartition} or {@link offerPartition}. */
export const idOfLine = (item: Item): string => z.parse(z.object({ id: z.string() }), item).id;

const stored = once(() =>
  z.extend(storedStanding(), {
    tenant: z.string(),
    id: z.string(),
    name: z.string(),
    publisher: z.string(),
    version: z.number(),
    changedIn: z.number(),
    approval: z.enum(['none', 'waiting', 'approved']),
    createdAt: z.string(),
    revision: z.number(),
  }),
);

/** The application of an item read from {@link applicationKey}. */
export const parseApplication = (item: Item): Application => z.parse(stored(), item);

const storedVersion = once(() =>
  z.object({
    tenant: z.string(),
    id: z.string(),
    version: z.number(),
    publishedAt: z.string(),
    publishedBy: z.string(),
    name: z.string(),
    description: z.optional(z.string()),
    logo: z.optional(z.string()),
    homePage: z.optional(z.string()),
    grantTypes: z.array(z.string()),
    tokenEndpointAuthMethod: z.enum(['client_secret_basic', 'private_key_jwt', 'none']),
    applicationType: z.enum(['web', 'native']),
    redirectUris: z.array(z.string()),
    postLogoutRedirectUris: z.array(z.string()),
    backchannelLogoutUri: z.optional(z.string()),
    endpoint: z.optional(z.object({ uri: z.string(), verification: z.literal('public_key') })),
    reasons: z.record(z.string(), z.string()),
  }),
);

const parseVersion = (item: Item): ApplicationVersion => z.parse(storedVersion(), item);

const storedTenants = once(() => z.object({ tenants: z.union([z.literal('all'), z.array(z.string())]) }));

/** Applications over the one table. */
export function applications(table: Table): ApplicationStore {
  async function offer(id: string) {
    const items = await table.batchGet([applicationKey(id), tenantsKey(id)]);
    const itemAt = (key: Key) => items.find(({ sk }) => sk === key.sk);
    const [item, tenants] = [itemAt(applicationKey(id)), itemAt(tenantsKey(id))];
    if (item === undefined || tenants === undefined) return undefined;
    return { application: parseApplication(item), tenants: z.parse(storedTenants(), tenants).tenants };
  }

  async function page(partition: string, { limit, after }: ApplicationPageQuery): Promise<ApplicationPage> {
    const { items: ids, last } = await entityPage(table, {
      query: { partition, ...(after !== undefined && { after: { ...lineIn(partition, after) } }) },
      limit,
      parse: idOfLine,
      positionOf: (id) => id,
    });
    return { items: await applicationsOf(table, ids), ...(last !== undefined && { last }) };
  }

  async function versions(id: string, numbers: readonly number[]) {
    return (await table.batchGet(numbers.map((number) => applicationVersionKey(id, number)))).map(parseVersion);
  }

  return {
    offer,
    versions,

    async get(id) {
      const found = await offer(id);
      if (found === undefined) return undefined;
      const [version] = await versions(id, [found.application.version]);
      return version && { ...found, version };
    },

    async listVersions(id, { limit, after }) {
      const { items, last } = await entityPage(table, {
        query: {
          partition: applicationKey(id).pk,
          beginsWith: versionPrefix,
          newestFirst: true,
          ...(after !== undefined && { after: { ...applicationVersionKey(id, after) } }),
        },
        limit,
        parse: parseVersion,
        positionOf: ({ version }) => String(version),
      });
      return { items, ...(last !== undefined && { last: Number(last) }) };
    },

    list: (tenant, query) => page(listPartition(tenant), query),
    waiting: (query) => page(waitingPartition, query),

    async create(published, events) {
      const { tenant, id } = published.application;
      const offers = offerActions(id, [], published.tenants);
      // Offers of what is not there lead nowhere, so that those for which there is no room come before it, not after.
      for (let from = maximumChangedTenants; from < offers.length; from += maximumChangedTenants)
        await table.transact(offers.slice(from, from + maximumChangedTenants));
      await table.transact([
        { put: applicationItem(published.application), condition: isNew },
        { put: line(lineIn(listPartition(tenant), id), id) },
        ...contentActions(undefined, published),
        ...offers.slice(0, maximumChangedTenants),
        ...events.flatMap(auditEventActions),
      ]);
    },

    async update(before, after, events) {
      const application = { ...after.application, revision: before.application.revision + 1 };
      try {
        await table.transact([
          { put: applicationItem(application), condition: unchanged(before.application) },
          ...contentActions(before, after),
          ...offerActions(after.application.id, before.tenants, after.tenants),
          ...events.flatMap(auditEventActions),
        ]);
        return { ...after, application };
      } catch (error) {
        throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
      }
    },
  };
}

/** Those that exist, in the order of the ids: at most 100, in one round trip. */
export async function applicationsOf(table: Table, ids: readonly string[]): Promise<readonly Application[]> {
  if (ids.length === 0) return [];
  const found = (await table.batchGet(ids.map(applicationKey))).map(parseApplication);
  const byId = new Map(found.map((application) => [application.id, application]));
  return ids.map((id) => byId.get(id)).filter((application) => application !== undefined);
}

const applicationItem = (application: Application): Item => ({ ...applicationKey(application.id), ...application });

const unchanged = ({ revision }: Application): Condition => ({
  expression: 'revision = :revision',
  values: { ':revision': revision },
});

/** What goes with the application: its new version, its list of tenants, and the lines by which all others find it. */
function contentActions(before: PublishedApplication | undefined, after: PublishedApplication): Action[] {
  const { id } = after.application;
  const { version } = after.version;
  return [
    ...(before?.version.version === version
      ? []
      : [{ put: { ...applicationVersionKey(id, version), ...after.version }, condition: isNew }]),
    ...tenantsActions(id, before?.tenants, after.tenants),
    ...lineActions(
      lineIn(waitingPartition, id),
      id,
      before && isWaiting(before.application),
      isWaiting(after.application),
    ),
    ...lineActions(offerKey('all', id), id, before && isForAll(before.application), isForAll(after.application)),
  ];
}

/** The two rows of an application are read at once, and yet one of them may be older: offers follow from the list that is there. */
function tenantsActions(id: string, before: OfferedTo | undefined, after: OfferedTo): Action[] {
  if (before === after) return [];
  const condition = before && { expression: 'tenants = :tenants', values: { ':tenants': before } };
  return [{ put: { ...tenantsKey(id), tenants: after }, ...(condition && { condition }) }];
}

const isWaiting = ({ status, approval }: Application) => status === 'published' && approval === 'waiting';
const isForAll = ({ status, approval }: Application) => status === 'published' && approval === 'approved';

function lineActions(key: Key, id: string, was: boolean | undefined, is: boolean): Action[] {
  if ((was ?? false) === is) return [];
  return [is ? { put: line(key, id) } : { delete: key }];
}

/** An id that no tenant can have is kept in the list, and leads nowhere. */
function offerActions(id: string, before: OfferedTo, after: OfferedTo): Action[] {
  const added = tenantsAdded(before, after).filter(isTenantId);
  const gone = tenantsAdded(after, before).filter(isTenantId);
  return [
    ...added.map((tenant) => ({ put: line(offerKey(tenant, id), id) })),
    ...gone.map((tenant) => ({ delete: offerKey(tenant, id) })),
  ];
}
