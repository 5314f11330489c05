import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { integrationStore } from '../../../src/adapters/dynamodb/integration-store.ts';
import { tenantItem, tenantReader } from '../../../src/adapters/dynamodb/tenant.ts';
import { rightNames } from '../../../src/api/rights.ts';
import { type Integration, isManager } from '../../../src/entities/integration.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { allow, asking, registered } from './application-calls.ts';
import { call, deployAdmin, newTenant, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => scene.close());

const managing = ['integrations:manage', 'users:manage'];
const jwks = { keys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] };

/** Every way to become or cease to be a manager: by rights, by status, by credentials, by being there at all. */
const changes: Readonly<Record<string, readonly [string, unknown?]>> = {
  disable: ['POST {}/disable'],
  enable: ['POST {}/enable'],
  delete: ['DELETE {}'],
  'revoke tokens': ['POST {}/revoke-tokens'],
  'both rights': ['PUT {}/rights', { rights: managing }],
  'one right': ['PUT {}/rights', { rights: ['users:manage'] }],
  'no right': ['PUT {}/rights', { rights: [] }],
  'change rights': ['PATCH {}', { rights: ['integrations:manage', 'issues:read'] }],
  'to a key': ['PATCH {}', { token_endpoint_auth_method: 'private_key_jwt', jwks }],
  'to a secret': ['PATCH {}', { token_endpoint_auth_method: 'client_secret_basic' }],
  'to a key, with both rights': ['PATCH {}', { token_endpoint_auth_method: 'private_key_jwt', jwks, rights: managing }],
  rename: ['PATCH {}', { description: 'changed' }],
  'lasting secret': ['POST {}/secrets', {}],
  'lasting secret alone': ['POST {}/secrets', { expire_others_in: 0 }],
  'passing secret': ['POST {}/secrets', { expires_in: 60 }],
  'passing secret alone': ['POST {}/secrets', { expires_in: 60, expire_others_in: 0 }],
  'secrets run out': ['POST {}/secrets', { expires_in: 60, expire_others_in: 60 }],
};

const change = fc.record({
  target: fc.nat({ max: 3 }),
  kind: fc.constantFrom('create', 'revoke a secret', ...Object.keys(changes)),
});
/** Steps one after another; the changes of one step at once. Between steps time passes. */
const steps = fc.array(
  fc.record({
    hours: fc.constantFrom(0, 0, 1, 30),
    atOnce: fc.array(change, { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 10 },
);

async function apply(caller: AuthorizerContext, made: string[], { kind, target }: { kind: string; target: number }) {
  const id = made[target % made.length] ?? '';
  const path = `/integrations/${id}`;
  if (kind === 'create') {
    const created = await call(caller, 'POST /integrations', {
      name: `Made ${made.length} ${target}`,
      rights: managing,
    });
    if (created.status === 201) made.push(created.body.client_id);
    return created.status;
  }
  if (kind === 'revoke a secret') {
    const { body } = await call(caller, `GET ${path}/secrets`);
    const secret = body.items?.[0]?.id;
    return secret === undefined ? 404 : (await call(caller, `DELETE ${path}/secrets/${secret}`)).status;
  }
  const [request = '', body] = changes[kind] ?? [];
  return (await call(caller, request.replace('{}', path), body)).status;
}

async function recount({ embedded }: Scene, tenant: string, made: readonly string[]): Promise<number> {
  const found = await Promise.all(made.map((id) => integrationStore(embedded.table).get(tenant, id)));
  return found.filter((integration): integration is Integration => integration !== undefined && isManager(integration))
    .length;
}

const counted = async (tenant: string) => (await tenantReader(scene.embedded.table).get(tenant))?.managers;

describe('the count of managers', () => {
  it('is what a recount finds, and never none, after any changes, also at once', async () => {
    const refused = new Set<number>();
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const caller = await newTenant(scene, ...rightNames);
        await scene.embedded.table.put(
          tenantItem({ tenant: caller.tenant, name: 'Tenant', operator: false, managers: 0 }),
        );
        const made: string[] = [];
        await apply(caller, made, { kind: 'create', target: 0 });
        vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
        for (const { hours, atOnce } of taken) {
          vi.setSystemTime(Date.now() + hours * 3_600_000);
          for (const status of await Promise.all(atOnce.map((each) => apply(caller, made, each)))) refused.add(status);
          const now = await recount(scene, caller.tenant, made);
          expect(await counted(caller.tenant)).toBe(now);
          expect(now).toBeGreaterThan(0);
        }
        vi.useRealTimers();
      }),
      { numRuns: 60 },
    );
    vi.useRealTimers();
    // Some were refused, some were not, and none met a fault.
    expect([...refused].filter((status) => status >= 500)).toEqual([]);
    expect([...refused]).toEqual(expect.arrayContaining([200, 201, 204, 409]));
  }, 120_000);

  it('is without connections of applications, which others may stop: beside one, the last manager stays', async () => {
    const caller = await newTenant(scene, ...rightNames);
    await scene.embedded.table.put(tenantItem({ tenant: caller.tenant, name: 'Tenant', operator: false, managers: 0 }));
    const create = async (name: string): Promise<string> =>
      (await call(caller, 'POST /integrations', { name, rights: managing })).body.client_id;
    const last = await create('Last');
    const id = await registered(caller, { rights: asking(...managing) });
    const connected = await allow(caller, id);
    expect(connected.body.rights).toMatchObject([{ state: 'granted' }, { state: 'granted' }]);
    expect(await counted(caller.tenant)).toBe(1);
    expect((await call(caller, `DELETE /integrations/${last}`)).status).toBe(409);
    expect((await call(caller, `DELETE /integrations/${connected.body.client_id}`)).status).toBe(204);
    await create('Another');
    expect((await call(caller, `DELETE /integrations/${last}`)).status).toBe(204);
  });
});
