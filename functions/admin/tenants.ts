import { tenantRegister } from '../../src/adapters/dynamodb/tenant-register.ts';
import { registeredTenantBody, tenantId, tenantSummaryBody } from '../../src/api/schemas/tenant-register.ts';
import { administratorOf } from '../../src/deployment/administrator.ts';
import { type AuditedChange, auditEvent, type Origin, originAt } from '../../src/entities/audit-event.ts';
import { Conflict, Forbidden, NotFound } from '../../src/entities/errors.ts';
import { newClientId, newTenantId, randomText } from '../../src/entities/identifiers.ts';
import type { NewAdministrator, RegisteredTenant } from '../../src/entities/tenant-register.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { endpoint } from '../shared/endpoint.ts';
import { locationOf } from '../shared/location.ts';
import { makeSecret } from '../shared/new-secret.ts';
import { pageBody } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const register = once(() => tenantRegister(table()));

/** What the log of a tenant calls whoever runs the deployment: it is told of no id of another tenant. */
const operator = 'operator';

/** The gate lets nobody else in here; whatever it is asked, this holds besides. */
function mustBeOperator({ ofOperator }: AuthorizerContext): void {
  if (!ofOperator) throw new Forbidden("Tenants are the platform operator's.");
}

async function existing(caller: AuthorizerContext, id: string): Promise<RegisteredTenant> {
  mustBeOperator(caller);
  const found = await register().get(pathValue(tenantId, id));
  if (found === undefined) throw new NotFound();
  return found;
}

/** One that is neither the operator's nor on its way out. */
function mustBeCustomer({ standing }: RegisteredTenant): void {
  if (standing.operator) throw new Conflict("The operator's own tenant cannot be suspended or deleted.");
}

function mustStay({ standing }: RegisteredTenant): void {
  if (standing.status === 'deleting') throw new Conflict('The tenant is being deleted, which cannot be undone.');
}

/** The same in the operator's log and in the tenant's own. */
function toldToBoth(
  { tenant }: AuthorizerContext,
  object: string,
  { action, changes }: Pick<AuditedChange, 'action' | 'changes'>,
  origin: Origin,
  now: number,
) {
  const told = { action, object, ...(changes && { changes }) };
  const elsewhere = originAt({ ...origin, address: '', retentionDays: origin.retentionDays }, operator);
  return [
    auditEvent({ tenant, ...told }, origin, now, randomBytes),
    auditEvent({ tenant: object, ...told }, elsewhere, now, randomBytes),
  ];
}

interface MadeAdministrator extends NewAdministrator {
  readonly credentials: { readonly client_id: string; readonly client_secret: string };
}

async function makeAdministrator(
  caller: AuthorizerContext,
  tenant: string,
  { name, ofOperator, action }: { readonly name: string; readonly ofOperator: boolean; readonly action: string },
  origin: Origin,
  now: number,
): Promise<MadeAdministrator> {
  const clientId = newClientId(tenant, randomBytes);
  const secret = await makeSecret({ tenant, clientId }, now);
  const administrator = administratorOf({
    tenant,
    clientId,
    name,
    description: 'Made by the platform operator; holds every right of the tenant.',
    secret: secret.kept,
    ofOperator,
    madeBy: operator,
    at: new Date(now).toISOString(),
  });
  return {
    administrator,
    events: toldToBoth(caller, tenant, { action, changes: { administrator: clientId } }, origin, now),
    credentials: { client_id: clientId, client_secret: secret.plaintext },
  };
}

const actionOf = { active: 'tenant.restored', suspended: 'tenant.suspended' } as const;

export const handler = endpoint({
  createTenant: async ({ caller, body: { name }, origin }) => {
    mustBeOperator(caller);
    const now = clock.now();
    const tenant = newTenantId(randomBytes);
    const details = { name: 'Administrator', ofOperator: false, action: 'tenant.created' };
    const first = await makeAdministrator(caller, tenant, details, origin, now);
    const registered = {
      tenant: { tenant, name, operator: false, managers: 1, createdAt: new Date(now).toISOString() },
      standing: { tenant, status: 'active', operator: false },
    } as const;
    await decideAgain(() => register().create(registered, first));
    return {
      body: { ...registeredTenantBody(registered), admin: first.credentials },
      headers: { Location: locationOf('getRegisteredTenant', { tenant }) },
    };
  },

  listTenants: async ({ caller, query }) => {
    mustBeOperator(caller);
    const scope = { tenant: caller.tenant, route: 'listTenants' };
    return { body: await pageBody(query, scope, (page) => register().list(page), tenantSummaryBody) };
  },

  getRegisteredTenant: async ({ caller, path }) => ({
    body: registeredTenantBody(await existing(caller, path.tenant)),
  }),

  changeRegisteredTenant: ({ caller, body, path, origin }) =>
    decideAgain(async () => {
      const before = await existing(caller, path.tenant);
      const { tenant, standing } = before;
      const status = body.status ?? standing.status;
      const name = body.name ?? tenant.name;
      mustStay(before);
      if (status !== 'active') mustBeCustomer(before);
      const now = clock.now();
      const tell = (told: Parameters<typeof toldToBoth>[2]) => toldToBoth(caller, tenant.tenant, told, origin, now);
      const events = [
        ...(name === tenant.name
          ? []
          : tell({ action: 'tenant.changed', changes: { name: { from: tenant.name, to: name } } })),
        ...(body.status === undefined || status === standing.status ? [] : tell({ action: actionOf[body.status] })),
      ];
      if (events.length > 0) await register().change(before, { name, status }, events);
      return { body: registeredTenantBody({ tenant: { ...tenant, name }, standing: { ...standing, status } }) };
    }),

  // Deleting what is being deleted answers how far that is.
  deleteTenant: ({ caller, path, origin }) =>
    decideAgain(async () => {
      const before = await existing(caller, path.tenant);
      mustBeCustomer(before);
      const { tenant, standing } = before;
      if (standing.status === 'deleting') return { body: registeredTenantBody(before) };
      const now = clock.now();
      const deletion = {
        tenant: tenant.tenant,
        step: 'waiting',
        removed: 0,
        startedAt: new Date(now).toISOString(),
        operatorTenant: caller.tenant,
      } as const;
      const change = { tenant: caller.tenant, action: 'tenant.deletion_begun', object: tenant.tenant };
      await register().beginDeletion(before, deletion, [
        auditEvent({ ...change, changes: { name: tenant.name } }, origin, now, randomBytes),
      ]);
      return { body: registeredTenantBody({ tenant, standing: { ...standing, status: 'deleting' }, deletion }) };
    }),

  addTenantAdministrator: ({ caller, path, origin }) =>
    decideAgain(async () => {
      const before = await existing(caller, path.tenant);
      mustStay(before);
      const details = {
        // Nobody here knows which names the tenant has given.
        name: `Administrator ${randomText(randomBytes, 8)}`,
        ofOperator: before.standing.operator,
        action: 'tenant.administrator_added',
      };
      const made = await makeAdministrator(caller, before.tenant.tenant, details, origin, clock.now());
      await register().addAdministrator(before, made);
      return { body: made.credentials };
    }),
});
