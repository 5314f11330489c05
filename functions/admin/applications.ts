import { connections as connectionStore } from '../../src/adapters/dynamodb/connection-store.ts';
import { tenantReader } from '../../src/adapters/dynamodb/tenant.ts';
import { implications } from '../../src/api/rights.ts';
import { applicationBody, applicationSummaryBody, applicationVersionBody } from '../../src/api/schemas/application.ts';
import type { OfferedTo, PublishedApplication } from '../../src/entities/application.ts';
import {
  type ApplicationChange,
  changedApplication,
  newApplication,
  type Publication,
  publicationChanges,
  tenantsAdded,
} from '../../src/entities/application-version.ts';
import { type AuditedChange, auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { newTenantBoundId, tenantOfBoundId } from '../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { connectionBody } from '../shared/app-body.ts';
import { applications, changeApplication, ownApplication } from '../shared/application-change.ts';
import { applicationChangeOf, mustBeAcceptable, newApplicationSettings } from '../shared/application-settings.ts';
import { callerOf } from '../shared/caller.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { endpoint } from '../shared/endpoint.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const connections = once(() => connectionStore(table()));
const tenants = once(() => tenantReader(table()));

async function publicationBy({ tenant, subject }: AuthorizerContext): Promise<Publication> {
  const publisher = (await tenants().get(tenant))?.name ?? tenant;
  return { tenant, publisher, subject, at: new Date(clock.now()).toISOString(), implications };
}

/** Events on an application in its developer's log. */
function eventsOn(
  { application: { tenant, id: object } }: PublishedApplication,
  told: readonly Pick<AuditedChange, 'action' | 'changes'>[],
  origin: Origin,
) {
  return told.map((each) => auditEvent({ tenant, object, ...each }, origin, clock.now(), randomBytes));
}

/** What a change published, and to whom it offers it. */
function toldOf(before: PublishedApplication, after: PublishedApplication) {
  const isPublication = before.version.version !== after.version.version;
  const added = after.tenants === 'all' ? 'all' : tenantsAdded(before.tenants, after.tenants);
  const removed = before.tenants === 'all' ? 'all' : tenantsAdded(after.tenants, before.tenants);
  return [
    ...(isPublication
      ? [{ action: 'application.version_published', changes: publicationChanges(before.version, after.version) }]
      : []),
    ...(before.tenants === after.tenants ? [] : [{ action: 'application.offered', changes: { added, removed } }]),
  ];
}

/** Changes what the developer says of an application of the caller's tenant, and whom it is offered to. */
function change(
  { caller, origin }: { readonly caller: AuthorizerContext; readonly origin: Origin },
  id: string,
  said: ApplicationChange,
  offeredTo: OfferedTo | undefined,
) {
  return changeApplication(
    async () => {
      const [application, publication] = await Promise.all([ownApplication(caller, id), publicationBy(caller)]);
      return { ...application, publication };
    },
    ({ publication, ...before }, _, isBegun) => {
      // What is said goes with the first step: a version that somebody else publishes between two steps stays.
      const after = changedApplication(before, isBegun ? {} : said, offeredTo, publication);
      if (after === undefined) return undefined;
      mustBeAcceptable(before.version, after.version, callerOf(caller));
      return { after, events: eventsOn(before, toldOf(before, after), origin) };
    },
  );
}

export const handler = endpoint({
  createApplication: async ({ body, caller, origin }) => {
    const { tenants: offeredTo = [] } = body;
    const settings = newApplicationSettings(body);
    mustBeAcceptable(undefined, settings, callerOf(caller));
    const id = newTenantBoundId('app', caller.tenant, randomBytes);
    const published = newApplication(id, settings, offeredTo, await publicationBy(caller));
    const changes = { name: settings.name, rights: Object.keys(settings.reasons), tenants: published.tenants };
    const events = eventsOn(published, [{ action: 'application.registered', changes }], origin);
    await decideAgain(() => applications().create(published, events));
    return {
      body: applicationBody(published),
      headers: { Location: locationOf('getApplication', { app_id: id }) },
    };
  },

  listApplications: async ({ caller: { tenant }, query }) => ({
    body: await pageBody(
      query,
      { tenant, route: 'listApplications' },
      (page) => applications().list(tenant, page),
      applicationSummaryBody,
    ),
  }),

  getApplication: async ({ caller, path }) => ({ body: applicationBody(await ownApplication(caller, path.app_id)) }),

  changeApplication: async (request) => {
    const { tenants: offeredTo, ...said } = request.body;
    const changed = await change(request, request.path.app_id, applicationChangeOf(said), offeredTo);
    return { body: applicationBody(changed) };
  },

  // Withdrawing what is withdrawn is not worth an event.
  withdrawApplication: async ({ caller, origin, path }) => {
    await changeApplication(
      () => ownApplication(caller, path.app_id),
      (before) => {
        if (before.application.status === 'withdrawn') return undefined;
        const after = { ...before, application: { ...before.application, status: 'withdrawn' } as const };
        return { after, events: eventsOn(before, [{ action: 'application.withdrawn' }], origin) };
      },
    );
    return {};
  },

  listApplicationVersions: async ({ caller, path, query }) => {
    const { tenant } = caller;
    const id = path.app_id;
    if (tenantOfBoundId('app', id) !== tenant) throw new NotFound();
    const scope = { tenant, route: 'listApplicationVersions', filters: { app_id: id } };
    return {
      body: await pageBody(
        query,
        scope,
        async ({ limit, after }) => {
          const { items, last } = await applications().listVersions(id, {
            limit,
            ...(after !== undefined && { after: Number(after) }),
          });
          // Every application has a first version, and none is ever removed.
          if (items.length === 0) throw new NotFound();
          return { items, ...(last !== undefined && { last: String(last) }) };
        },
        applicationVersionBody,
      ),
    };
  },

  listConnections: async ({ caller, path, query }) => {
    const found =
      tenantOfBoundId('app', path.app_id) === caller.tenant ? await applications().offer(path.app_id) : undefined;
    if (found === undefined) throw new NotFound();
    const { application, tenants: offeredTo } = found;
    const { tenant, id } = application;
    const named = offeredTo === 'all' ? [] : offeredTo;
    return {
      body: await pageBody(
        query,
        { tenant, route: 'listConnections', filters: { app_id: id } },
        (page) => connections().offered(id, named, page),
        (offered) => connectionBody(application, offered),
      ),
    };
  },
});
