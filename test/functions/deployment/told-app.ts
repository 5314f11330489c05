import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { integrationReader } from '../../../src/adapters/dynamodb/integration-store.ts';
import { type EndpointReceiver, startEndpointReceiver } from '../../endpoint-receiver.ts';
import { type App, call, type DeliveryScene, deployDeliveries, later, newApp } from './delivery-scene.ts';

/** A line of the log, as far as tests tell lines apart. */
export interface Logged {
  readonly event: { readonly object: string; readonly sequence: number };
  readonly state: string;
}

/** An app that may read issues, each test's in a tenant of its own, whose endpoint is a receiver on this machine. */
export function toldApp() {
  let scene: DeliveryScene;
  let receiver: EndpointReceiver;
  let app: App;
  beforeAll(async () => {
    scene = await deployDeliveries();
  });
  afterAll(() => scene.close());
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    receiver = await startEndpointReceiver();
    app = await newApp(scene, 'issues:read');
    await setEndpoint(app);
    later(1);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.useRealTimers();
    await receiver.close();
  });
  const setEndpoint = (of: App, more: object = {}) =>
    call(of, 'PUT endpoint', { uri: receiver.url, verification: 'signing_key', ...more });

  return {
    scene: () => scene,
    receiver: () => receiver,
    app: () => app,
    setEndpoint,
    log: async (of = app) => (await call(of, 'GET deliveries')).body.items,
    /** The sequences of what the receiver was told, of one object or of all. */
    sequences: (object?: string): readonly number[] =>
      receiver.received
        .filter(({ event }) => object === undefined || event.object === object)
        .map(({ event }) => event.sequence),
    stored: () => integrationReader(scene.embedded.table).get(app.integration.tenant, app.integration.clientId),
  };
}
