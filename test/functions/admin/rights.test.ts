import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rightNames } from '../../../src/api/rights.ts';
import { grantedRights } from '../../../src/entities/integration.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { auditedIn, call, deployAdmin, newTenant, type Scene, storedIntegration } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());

let caller: AuthorizerContext;
beforeEach(async () => {
  caller = await newTenant(scene, 'integrations:manage', 'integrations:read', 'issues:write', 'boards:read');
});

const states = (items: { right: string; state: string }[]) =>
  Object.fromEntries(items.map(({ right, state }) => [right, state]));
const names = (items: { name: string }[]) => items.map(({ name }) => name);

describe('the catalogue', () => {
  it("is every right of the tenant; the operator's own only in the operator's tenant", async () => {
    const catalogue = await call({ ...caller, rights: [] }, 'GET /rights');
    expect(names(catalogue.body.items)).toEqual(rightNames.filter((name) => name !== 'tenants:manage'));
    expect(catalogue.body.items).toContainEqual({
      name: 'issues:write',
      title: 'Create and change issues',
      category: 'Issues',
      level: 'project',
      api: 'https://latchkey.example/api/v1',
      implies: ['issues:read'],
    });
    expect(names((await call({ ...caller, ofOperator: true }, 'GET /rights')).body.items)).toEqual(rightNames);
  });

  it('comes in pages, each bound to the tenant', async () => {
    const first = (await call(caller, 'GET /rights?limit=15')).body;
    const second = (await call(caller, `GET /rights?limit=15&cursor=${first.next_cursor}`)).body;
    expect(second).not.toHaveProperty('next_cursor');
    expect(names([...first.items, ...second.items])).toEqual(rightNames.filter((name) => name !== 'tenants:manage'));
    const other = await newTenant(scene);
    expect((await call(other, `GET /rights?cursor=${first.next_cursor}`)).status).toBe(400);
  });
});

describe('the requested rights of an integration', () => {
  let clientId: string;
  let own: AuthorizerContext;
  beforeEach(async () => {
    clientId = (await call(caller, 'POST /integrations', { name: 'Sync', rights: ['issues:write'] })).body.client_id;
    own = { ...caller, clientId, subject: clientId, rights: ['issues:write'] };
  });
  const set = (rights: unknown, by = caller, id = clientId) => call(by, `PUT /integrations/${id}/rights`, { rights });

  it('tell who asked, who decided and when', async () => {
    expect((await call(caller, `GET /integrations/${clientId}/rights`)).body).toEqual({
      items: [
        {
          right: 'issues:write',
          context: 'global',
          state: 'granted',
          requested_by: caller.subject,
          requested_at: expect.any(String),
          decided_by: caller.subject,
          decided_at: expect.any(String),
        },
      ],
    });
  });

  it('are replaced as a whole; the same list again is no event', async () => {
    const answer = await set(['boards:read', 'issues:read']);
    expect(answer.status).toBe(200);
    expect(answer.body.items.map(({ right }: { right: string }) => right)).toEqual(['boards:read', 'issues:read']);
    expect((await set(['issues:read', 'boards:read'])).status).toBe(200);
    const actions = (await auditedIn(scene, caller)).map(({ action }) => action);
    expect(actions.sort()).toEqual(['integration.created', 'right.granted', 'right.withdrawn']);
    expect((await set([])).body).toEqual({ items: [] });
  });

  it('wait where the caller does not hold them, and open nothing meanwhile', async () => {
    const { status, body } = await set(['issues:write', 'users:read']);
    expect(status).toBe(200);
    expect(states(body.items)).toEqual({ 'issues:write': 'granted', 'users:read': 'pending' });
    const integration = await storedIntegration(scene, caller, clientId);
    expect(integration && grantedRights(integration)).toEqual(['issues:write']);
  });

  it('400: one that there is not', async () => {
    expect(await set(['issues:delete'])).toMatchObject({ status: 400, body: { errors: [{ pointer: '/rights/0' }] } });
  });

  it('self asks for its own: what it was granted stays, and nothing else is granted by asking', async () => {
    expect((await call(own, 'GET /integrations/self/rights')).body.items).toHaveLength(1);
    expect((await set(['issues:read', 'issues:write'], own, 'self')).status).toBe(200);
    const { body } = await set(['issues:read', 'boards:read'], own, 'self');
    expect(states(body.items)).toEqual({ 'issues:read': 'pending', 'boards:read': 'pending' });
  });
});
