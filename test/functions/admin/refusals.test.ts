import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpoint } from '../../../functions/shared/endpoint.ts';
import { tellRefusal } from '../../../functions/shared/refusals.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import type { Route } from '../../../src/api/route.ts';
import { routes } from '../../../src/api/routes.ts';
import { Conflict, DependencyUnavailable, Forbidden } from '../../../src/entities/errors.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { originOf } from '../../src/entities/origin.ts';
import { callHandler } from '../deployment.ts';
import { call, deployAdmin, newTenant, type Scene } from './scene.ts';

let scene: Scene;
let caller: AuthorizerContext;
let clientId: string;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());
beforeEach(async () => {
  caller = await newTenant(scene, 'integrations:manage', 'integrations:read', 'issues:read');
  clientId = (await call(caller, 'POST /integrations', { name: 'Sync', rights: ['issues:read'] })).body.client_id;
});

const stranger = () => ({ ...caller, subject: 'usr_stranger', rights: ['integrations:manage', 'integrations:read'] });
const refused = async () => {
  const { items } = await auditEventStore(scene.embedded.table).list(caller.tenant, {}, { limit: 100 });
  return items.filter(({ action }) => action.endsWith('.refused'));
};

describe('a request that the endpoint refuses with 403', () => {
  it('is told of: who asked for what through which token, from where, and what was missing', async () => {
    const secrets = `/integrations/${clientId}/secrets`;
    const [{ id }] = (await call(caller, `GET ${secrets}`)).body.items;
    expect((await call(stranger(), `GET ${secrets}/${id}`)).status).toBe(403);
    expect(await refused()).toMatchObject([
      {
        action: 'secret.refused',
        actor: 'usr_stranger',
        object: clientId,
        address: '203.0.113.7',
        via: { clientId: caller.clientId, tokenId: caller.tokenId },
        changes: { operation: 'readSecret', asked: { id }, missing_rights: ['issues:read'] },
      },
    ]);
  });

  it('is told of each time; what passes is none', async () => {
    const secrets = `/integrations/${clientId}/secrets`;
    for (let count = 0; count < 2; count++)
      expect((await call(stranger(), `POST ${secrets}`, { expires_in: 60 })).status).toBe(403);
    expect((await call(caller, `POST ${secrets}`, { expires_in: 60 })).status).toBe(201);
    expect(await refused()).toMatchObject([{ changes: { asked: { expires_in: 60 } } }, { object: clientId }]);
  });

  it('repeats only what the row names, names `self` by its id, and no free text becomes a key', async () => {
    const refusals = { action: 'secret.refused', asked: ['name', 'rights'] } as const;
    const tell = (path: Record<string, string>, body: unknown) =>
      tellRefusal(
        {
          operation: 'changeIntegration',
          refusals,
          request: {
            ...{ body, path, query: undefined, header: () => undefined },
            ...{ caller, origin: originOf('usr_1') },
          } as never,
        },
        new Forbidden('not here'),
      );
    await tell({ client_id: 'self', project: 'PRJ' }, { name: 'N', client_secret: 'lks_x', jwks: {} });
    await tell({ client_id: 'free text#' }, { name: 'x'.repeat(5000), rights: ['a'] });
    expect(await refused()).toMatchObject([
      { object: caller.tenant, changes: { asked: { members: ['name', 'rights'] } } },
      { object: caller.clientId, changes: { asked: { project: 'PRJ', name: 'N' } } },
    ]);
    expect(JSON.stringify(await refused())).not.toContain('lks_x');
  });

  it('is not told of where it is another refusal', async () => {
    const request = { caller, path: {}, body: undefined, origin: originOf('usr_1') } as never;
    const refusals = { action: 'secret.refused', asked: [] } as const;
    await tellRefusal({ operation: 'addSecret', refusals, request }, new Conflict('two are enough'));
    expect(await refused()).toEqual([]);
  });
});

it('where the log cannot be written the answer is 503: nothing was changed, and nobody is refused in secret', async () => {
  const refusing = async () => {
    throw new Forbidden('not here');
  };
  const request = { caller, path: { client_id: clientId }, body: {} };
  const route = 'POST /v1/integrations/{client_id}/secrets';
  const told = callHandler(endpoint({ addSecret: refusing }, tellRefusal));
  expect((await told(route, request)).status).toBe(403);
  const silent = callHandler(
    endpoint({ addSecret: refusing }, async () => {
      throw new DependencyUnavailable('throttled');
    }),
  );
  expect((await silent(route, request)).status).toBe(503);
});

it.each(Object.entries<Route>(routes).filter(([, { refusals }]) => refusals !== undefined))(
  '%s may tell of refusals, and repeats members of its body that hold no secret',
  (_, { touches, refusals }) => {
    expect(touches['audit-event']).toContain('PutItem');
    for (const asked of refusals?.asked ?? []) expect(asked).not.toMatch(/secret|password|token$|jwks|key/);
  },
);

it('an entry whose rows say that refusals are audited cannot be one that does not tell of them', () => {
  expect(() => endpoint({ addSecret: async () => ({}) })).toThrow('addSecret');
  expect(() => endpoint({ addSecret: async () => ({}) }, tellRefusal)).not.toThrow();
});
