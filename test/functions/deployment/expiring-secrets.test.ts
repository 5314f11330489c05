import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/deployment/expiring-secrets.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { auditedIn, call, deployAdmin, newTenant, type Scene } from '../admin/scene.ts';

let scene: Scene;
let caller: AuthorizerContext;
let clientId: string;
beforeAll(async () => {
  scene = await deployAdmin();
  caller = await newTenant(scene, 'integrations:manage', 'integrations:read', 'issues:read');
  clientId = (await call(caller, 'POST /integrations', { name: 'Sync', rights: ['issues:read'] })).body.client_id;
});
afterAll(() => scene.close());
afterEach(() => {
  vi.useRealTimers();
});

const day = 86_400;
const run = () => handler(undefined, { awsRequestId: 'invocation-1' });
const later = (seconds: number) => vi.useFakeTimers({ now: Date.now() + seconds * 1000, toFake: ['Date'] });
const told = async () => (await auditedIn(scene, caller)).filter(({ action }) => action === 'secret.expiring');

it('a secret that another one replaces after an overlap is told of before that ends, the lasting one never', async () => {
  const first = (await call(caller, `GET /integrations/${clientId}/secrets`)).body.items[0].id;
  await call(caller, `POST /integrations/${clientId}/secrets`, { expire_others_in: 2 * day });
  await run();
  expect(await told()).toEqual([]);
  later(day + 1);
  await run();
  await run();
  expect(await told()).toEqual([
    expect.objectContaining({ actor: 'deployment', object: clientId, requestId: 'invocation-1' }),
  ]);
  expect((await told())[0]?.changes).toEqual({ secret: first, expires_at: expect.any(String) });
});

it('a secret that is made to run out is told of; nothing of it is shown where secrets are listed', async () => {
  later(3 * day);
  const added = (await call(caller, `POST /integrations/${clientId}/secrets`, { expires_in: 4 * day })).body;
  const before = (await told()).length;
  later(day + 1);
  await run();
  expect((await told()).length).toBe(before + 1);
  const { items } = (await call(caller, `GET /integrations/${clientId}/secrets`)).body;
  expect(items.find(({ id }: { id: string }) => id === added.id)).toEqual({
    id: added.id,
    created_at: added.created_at,
    expires_at: added.expires_at,
    last_four: added.client_secret.slice(-4),
  });
});
