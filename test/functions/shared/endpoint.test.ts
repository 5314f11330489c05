import { afterAll, beforeAll, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/secrets.ts';
import { auditedIn, call, deployAdmin, newTenant, type Scene } from '../admin/scene.ts';
import { callHandler } from '../deployment.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());

it.each(['GET /v1/integrations/{client_id}', 'GET /v1/integrations/{client_id}/secrets', ''])(
  'a decision on another route, should the gateway hand it on, opens nothing: %j',
  async (decidedOn) => {
    const caller = await newTenant(scene, 'integrations:manage', 'integrations:read', 'issues:read');
    const created = await call(caller, 'POST /integrations', { name: 'Sync', rights: ['issues:read'] });
    const client_id: string = created.body.client_id;
    const secrets = await call(caller, `GET /integrations/${client_id}/secrets`);
    const path = { client_id, id: secrets.body.items[0].id };

    const send = callHandler(handler);
    const route = 'GET /v1/integrations/{client_id}/secrets/{id}';
    const refused = await send(route, { caller, path, decidedOn });
    expect(refused).toMatchObject({ status: 403, headers: { 'Content-Type': 'application/problem+json' } });
    expect((await auditedIn(scene, caller)).map(({ action }) => action)).toEqual(['integration.created']);

    const answered = await send(route, { caller, path });
    expect(answered).toMatchObject({ status: 200, body: { client_secret: created.body.client_secret } });
  },
);
