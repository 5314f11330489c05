import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { endpointItem, endpointReader } from '../../../src/adapters/dynamodb/endpoint.ts';
import { environment } from '../../../src/environment.ts';
import { type App, type DeliveryScene, deployDeliveries, newApp } from '../deployment/delivery-scene.ts';
import { callHandler } from '../deployment.ts';

let scene: DeliveryScene;
let app: App;
beforeAll(async () => {
  scene = await deployDeliveries();
});
afterAll(() => scene.close());
beforeEach(async () => {
  app = await newApp(scene, 'issues:read');
});
afterEach(() => {
  process.env[environment.loopbackFetch] = 'on';
});

describe('400: an endpoint that is not of the internet', () => {
  it.each([
    'http://app.example/events',
    'https://user:password@app.example/',
    'https://app.example/#part',
    'https://localhost/',
    'https://intranet/',
    'https://printer.local/',
    'https://metadata.google.internal/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://0x7f.1/',
    'https://127.1/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://0.0.0.0/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://[64:ff9b::169.254.169.254]/',
    'https://[2002:7f00:1::]/',
    'file:///etc/passwd',
    'gopher://app.example/',
    '/events',
  ])('%s is refused at registration, and nothing is sent there were it stored', async (uri) => {
    // As deployed: this machine is not outside.
    vi.resetModules();
    delete process.env[environment.loopbackFetch];
    const { handler } = await import('../../../functions/admin/endpoint.ts');
    const path = { client_id: app.integration.clientId };
    const { caller } = app;
    const body = { uri, verification: 'public_key' };
    const send = callHandler(handler);
    const refused = await send('PUT /v1/integrations/{client_id}/endpoint', { caller, path, body });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/uri' }] } });
    const fine = { ...body, uri: 'https://app.example/events' };
    expect((await send('PUT /v1/integrations/{client_id}/endpoint', { caller, path, body: fine })).status).toBe(200);
    const { tenant, clientId } = app.integration;
    const stored = await endpointReader(scene.embedded.table).get(tenant, clientId);
    if (stored) await scene.embedded.table.put(endpointItem({ ...stored, uri }));
    const ping = await send('POST /v1/integrations/{client_id}/endpoint/ping', { caller, path });
    expect(ping.body).toMatchObject({ delivered: false, fault: 'refused' });
  });

  it('by what its name stands for is refused when it is told of something', async () => {
    const { guardedFetch } = await import('../../../src/adapters/http/guarded-fetch.ts');
    const fetch = guardedFetch({ loopback: false, resolve: async () => [{ address: '10.0.0.7', family: 4 }] });
    await expect(fetch('https://app.example/', { method: 'POST' })).rejects.toMatchObject({ failure: 'refused' });
  });
});
