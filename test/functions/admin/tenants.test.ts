import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/tenants.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { integrationReader } from '../../../src/adapters/dynamodb/integration-store.ts';
import {
  parseTenantStanding,
  tenantItem,
  tenantReader,
  tenantStandingKey,
} from '../../../src/adapters/dynamodb/tenant.ts';
import { deletionPartition } from '../../../src/adapters/dynamodb/tenant-deletion.ts';
import { rightNames } from '../../../src/api/rights.ts';
import type { AuditEvent } from '../../../src/entities/audit-event.ts';
import { grantedRights, isManager } from '../../../src/entities/integration.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { activeTenant } from '../../active-tenant.ts';
import { type Answered, callHandler, newCaller } from '../deployment.ts';
import { deployAdmin, type Scene } from './scene.ts';

const send = callHandler(handler);
let scene: Scene;
let operator: AuthorizerContext;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());
beforeEach(async () => {
  operator = { ...newCaller('tenants:manage'), ofOperator: true };
  await scene.embedded.table.put(
    tenantItem({ tenant: operator.tenant, name: 'Operator', operator: true, managers: 1 }),
  );
  await scene.embedded.table.put(activeTenant(operator.tenant, true));
});

const create = (name = 'Acme', caller = operator) => send('POST /v1/tenants', { caller, body: { name } });
const made = async (): Promise<string> => (await create()).body.tenant;
const of = (method: string, tenant: string, body?: unknown, caller = operator) =>
  send(`${method} /v1/tenants/{tenant}`, { caller, path: { tenant }, ...(body !== undefined && { body }) });
const addAdmin = (tenant: string) => send('POST /v1/tenants/{tenant}/admin', { caller: operator, path: { tenant } });
const audited = async (tenant: string): Promise<readonly AuditEvent[]> =>
  (await auditEventStore(scene.embedded.table).list(tenant, {}, { limit: 100 })).items;
const actions = async (tenant: string) => (await audited(tenant)).map(({ action }) => action).toReversed();
const integrationOf = (tenant: string, clientId: string) =>
  integrationReader(scene.embedded.table).get(tenant, clientId);
const standingOf = async (tenant: string) => {
  const item = await scene.embedded.table.get(tenantStandingKey(tenant));
  return item && parseTenantStanding(item);
};
const unknown = 'ten_0123456789abcdef';
const tenTimes = (act: () => Promise<Answered>) => Promise.all(Array.from({ length: 10 }, act));

describe('a tenant is created', () => {
  it('active, with an administrator who holds every right of a tenant and is shown its secret', async () => {
    const { status, headers, body } = await create('Acme Ltd');
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        tenant: expect.stringMatching(/^ten_[0-9A-Za-z]{16}$/),
        name: 'Acme Ltd',
        status: 'active',
        created_at: expect.stringMatching(/Z$/),
        admin: { client_id: expect.any(String), client_secret: expect.stringMatching(/^lks_/) },
      },
    });
    expect(headers.Location).toBe(`/admin/v1/tenants/${body.tenant}`);
    expect(body.admin.client_id.slice(4, 20)).toBe(body.tenant.slice(4));

    const integration = await integrationOf(body.tenant, body.admin.client_id);
    expect(integration && grantedRights(integration)).toEqual(rightNames.filter((right) => right !== 'tenants:manage'));
    expect(integration && isManager(integration)).toBe(true);
    expect(integration?.owner).toBe(body.admin.client_id);
    expect(integration?.secrets.map(({ hash }) => hash)).toEqual([hashOf(body.admin.client_secret)]);
    expect(integration?.secrets[0]?.ciphertext).toBeDefined();
    expect(JSON.stringify(integration)).not.toContain(body.admin.client_secret);
    expect(await standingOf(body.tenant)).toEqual({ tenant: body.tenant, status: 'active', operator: false });
    expect((await tenantReader(scene.embedded.table).get(body.tenant))?.managers).toBe(1);
  });

  it("in one transaction with an event in the operator's log and one in its own, which names nobody of another tenant", async () => {
    scene.embedded.calls();
    const { body } = await create();
    expect(scene.embedded.calls()).toEqual({ TransactWriteItems: 1 });
    const told = { action: 'tenant.created', object: body.tenant, changes: { administrator: body.admin.client_id } };
    expect(await audited(operator.tenant)).toMatchObject([
      { ...told, actor: operator.subject, address: '203.0.113.7' },
    ]);
    const own = await audited(body.tenant);
    expect(own).toMatchObject([{ ...told, actor: 'operator' }]);
    expect(own[0]).not.toHaveProperty('via');
    expect(own[0]).not.toHaveProperty('address');
    const integration = await integrationOf(body.tenant, body.admin.client_id);
    expect(JSON.stringify([own, integration])).not.toContain(operator.tenant.slice(4));
  });

  it('under a name that another has, too', async () => {
    expect((await create('Same')).status).toBe(201);
    expect((await create('Same')).status).toBe(201);
  });

  it('with one use of the key that protects secrets', async () => {
    scene.keys.calls();
    await create();
    expect(scene.keys.calls()).toEqual(['Encrypt']);
  });

  it.each([
    [{ name: '' }, 400],
    [{ name: 'two\nlines' }, 400],
    [{}, 400],
    [{ name: 'Acme', operator: true }, 400],
    [{ name: 'Acme' }, 201],
  ])('or not: %j', async (body, status) => {
    expect((await send('POST /v1/tenants', { caller: operator, body })).status).toBe(status);
  });
});

describe('tenants are listed', () => {
  it('each once, in the order of their ids, page after page, and read one by one', async () => {
    const fresh = new Map<string, Answered['body']>();
    for (let count = 0; count < 5; count++) {
      const { admin: _, ...shown } = (await create(`Tenant ${count}`)).body;
      fresh.set(shown.tenant, shown);
    }
    const seen: Answered['body'][] = [];
    for (let cursor: string | undefined; ; ) {
      const query = { limit: '2', ...(cursor !== undefined && { cursor }) };
      scene.embedded.calls();
      const { body } = await send('GET /v1/tenants', { caller: operator, query });
      expect(scene.embedded.calls()).toMatchObject({ Query: 1, BatchGetItem: 1 });
      seen.push(...body.items);
      cursor = body.next_cursor;
      if (cursor === undefined) break;
    }
    const ids = seen.map(({ tenant }) => tenant);
    expect(ids).toEqual([...new Set(ids)].sort());
    for (const [tenant, shown] of fresh) {
      expect(seen.find((each) => each.tenant === tenant)).toEqual(shown);
      scene.embedded.calls();
      expect(await of('GET', tenant)).toMatchObject({ status: 200, body: shown });
      expect(scene.embedded.calls()).toEqual({ BatchGetItem: 1 });
    }
  });

  it("and the operator's own is read as well", async () => {
    expect((await of('GET', operator.tenant)).body).toMatchObject({ tenant: operator.tenant, status: 'active' });
  });
});

describe('a tenant is suspended and restored', () => {
  it('in one transaction with an event in both logs', async () => {
    const tenant = await made();
    expect(await of('PATCH', tenant, { status: 'suspended' })).toMatchObject({
      status: 200,
      body: { tenant, status: 'suspended' },
    });
    expect(await standingOf(tenant)).toMatchObject({ status: 'suspended', operator: false });
    expect((await of('GET', tenant)).body.status).toBe('suspended');
    expect((await of('PATCH', tenant, { status: 'active' })).body.status).toBe('active');
    expect(await standingOf(tenant)).toMatchObject({ status: 'active', operator: false });
    const expected = ['tenant.created', 'tenant.suspended', 'tenant.restored'];
    expect(await actions(operator.tenant)).toEqual(expected);
    expect(await actions(tenant)).toEqual(expected);
  });

  it('once, when ten ask at the same time', async () => {
    const tenant = await made();
    const answers = await tenTimes(() => of('PATCH', tenant, { status: 'suspended' }));
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect(await actions(tenant)).toEqual(['tenant.created', 'tenant.suspended']);
  });

  it('and told of nothing where it is so already', async () => {
    const tenant = await made();
    expect((await of('PATCH', tenant, { status: 'active' })).status).toBe(200);
    expect(await actions(tenant)).toEqual(['tenant.created']);
  });

  it('and given another name, which its list shows', async () => {
    const tenant = await made();
    expect((await of('PATCH', tenant, { name: 'Other' })).body).toMatchObject({ name: 'Other', status: 'active' });
    expect((await of('GET', tenant)).body.name).toBe('Other');
    expect((await audited(tenant))[0]).toMatchObject({
      action: 'tenant.changed',
      changes: { name: { from: 'Acme', to: 'Other' } },
    });
    await of('PATCH', tenant, { name: 'Third', status: 'suspended' });
    expect((await of('GET', tenant)).body).toMatchObject({ name: 'Third', status: 'suspended' });
  });

  it.each([[{ status: 'deleting' }], [{ status: 'gone' }], [{ state: 'active' }], [[]]])('but not %j', async (body) => {
    expect((await of('PATCH', await made(), body)).status).toBe(400);
  });
});

describe('a tenant is deleted', () => {
  it('from now on: nobody gets in, and it says how far that is', async () => {
    const tenant = await made();
    const { status, body } = await of('DELETE', tenant);
    const deletion = { step: 'waiting', removed: 0, started_at: expect.stringMatching(/Z$/) };
    expect({ status, body }).toMatchObject({ status: 202, body: { tenant, status: 'deleting', deletion } });
    expect(await standingOf(tenant)).toMatchObject({ status: 'deleting' });
    expect((await of('GET', tenant)).body).toEqual(body);
    expect((await audited(operator.tenant))[0]).toMatchObject({ action: 'tenant.deletion_begun', object: tenant });
  });

  it('once, when ten ask at the same time, and again whenever it is asked', async () => {
    const tenant = await made();
    const answers = await tenTimes(() => of('DELETE', tenant));
    for (const { status } of answers) expect([202, 409]).toContain(status);
    const again = await of('DELETE', tenant);
    expect(again.status).toBe(202);
    for (const { body } of answers.filter(({ status }) => status === 202)) expect(body).toEqual(again.body);
    expect(await actions(operator.tenant)).toEqual(['tenant.created', 'tenant.deletion_begun']);
    const { items } = await scene.embedded.table.query({ partition: deletionPartition });
    expect(items.filter((item) => item.tenant === tenant)).toHaveLength(1);
  });

  it('and neither restored nor given anything any more', async () => {
    const tenant = await made();
    await of('PATCH', tenant, { status: 'suspended' });
    expect((await of('PATCH', tenant, { status: 'active' })).status).toBe(200);
    await of('DELETE', tenant);
    for (const refused of [
      await of('PATCH', tenant, { status: 'active' }),
      await of('PATCH', tenant, { name: 'Other' }),
      await addAdmin(tenant),
    ])
      expect(refused.status).toBe(409);
    expect(await standingOf(tenant)).toMatchObject({ status: 'deleting' });
  });
});

describe('one more administrator', () => {
  it('is made in a tenant that has lost its own, suspended or not', async () => {
    const tenant = await made();
    await of('PATCH', tenant, { status: 'suspended' });
    const { status, body } = await addAdmin(tenant);
    expect({ status, body }).toEqual({
      status: 201,
      body: { client_id: expect.any(String), client_secret: expect.stringMatching(/^lks_/) },
    });
    const integration = await integrationOf(tenant, body.client_id);
    expect(integration && isManager(integration)).toBe(true);
    expect(integration && grantedRights(integration)).not.toContain('tenants:manage');
    expect((await tenantReader(scene.embedded.table).get(tenant))?.managers).toBe(2);
    const told = { action: 'tenant.administrator_added', changes: { administrator: body.client_id } };
    expect((await audited(tenant))[0]).toMatchObject({ ...told, actor: 'operator' });
    expect((await audited(operator.tenant))[0]).toMatchObject({ ...told, actor: operator.subject });
  });

  it('has a name of its own, also of ten at once, and each is counted', async () => {
    const tenant = await made();
    const answers = await tenTimes(() => addAdmin(tenant));
    const added = answers.filter(({ status }) => status === 201);
    expect(added.length).toBeGreaterThan(0);
    const names = await Promise.all(added.map(async ({ body }) => (await integrationOf(tenant, body.client_id))?.name));
    expect(new Set(names).size).toBe(added.length);
    expect((await tenantReader(scene.embedded.table).get(tenant))?.managers).toBe(1 + added.length);
  });
});

describe('what is not done', () => {
  it("is suspending or deleting the operator's own tenant, whose name may be another", async () => {
    for (const refused of [
      await of('PATCH', operator.tenant, { status: 'suspended' }),
      await of('DELETE', operator.tenant),
    ])
      expect(refused).toMatchObject({ status: 409, body: { title: 'Conflict' } });
    expect(await standingOf(operator.tenant)).toMatchObject({ status: 'active' });
    expect((await of('PATCH', operator.tenant, { name: 'We' })).status).toBe(200);
    expect((await of('PATCH', operator.tenant, { status: 'active' })).status).toBe(200);
  });

  it.each([unknown, 'ten_', 'ten_0123456789abcde#', '..'])(
    'is anything with a tenant that is not there: %s',
    async (tenant) => {
      const answers = [
        await of('GET', tenant),
        await of('PATCH', tenant, { status: 'suspended' }),
        await of('DELETE', tenant),
        await addAdmin(tenant),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    },
  );

  it('is anything for somebody of another tenant, whatever the gate let through', async () => {
    const tenant = await made();
    const intruder = newCaller(...rightNames);
    const path = { tenant };
    const answers = [
      await create('Mine', intruder),
      await send('GET /v1/tenants', { caller: intruder }),
      await of('GET', tenant, undefined, intruder),
      await of('PATCH', tenant, { status: 'suspended' }, intruder),
      await of('DELETE', tenant, undefined, intruder),
      await send('POST /v1/tenants/{tenant}/admin', { caller: intruder, path }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
    expect(await standingOf(tenant)).toMatchObject({ status: 'active' });
    expect((await of('DELETE', tenant)).status).toBe(202);
  });
});
