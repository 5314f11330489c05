import { setTimeout as wait } from 'node:timers/promises';
import type { Operation } from '../../src/api/routes.ts';
import { createIntegration } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { type EndpointReceiver, startEndpointReceiver } from '../endpoint-receiver.ts';
import { type Prepared, type Request, succeed } from './request.ts';

/** Integrations by client id that have endpoints, all of one receiver. */
export interface Endpoints {
  readonly receiver: EndpointReceiver;
  readonly told: string;
  /** What `told` was told of. */
  readonly delivery: string;
  readonly paused: string;
  readonly toRemove: string;
}

/** Answers 410 to what is sent there. */
const gone = '/gone';

/** Asks again until it is so; the table's stream takes its time. */
export async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const found = await ask();
    if (found !== undefined) return found;
    await wait(100);
  }
  throw new Error('it did not come to be so within half a minute');
}

/** Makes them in the operator's own tenant. */
export async function prepareEndpoints(outputs: Outputs, admin: string): Promise<Endpoints> {
  const receiver = await startEndpointReceiver();
  receiver.answer = ({ path }) => (path === gone ? 410 : 204);
  const made = async (uri = receiver.url): Promise<string> => {
    const { client_id } = await createIntegration(outputs, admin, ['users:read']);
    await succeed(outputs, 'setEndpoint', {
      token: admin,
      path: { client_id },
      body: { uri, verification: 'signing_key' },
    });
    return client_id;
  };
  const [told, paused, toRemove] = [await made(), await made(new URL(gone, receiver.url).href), await made()];
  for (const client_id of [told, paused])
    await succeed(outputs, 'disableIntegration', { token: admin, path: { client_id } });
  await until(async () => {
    const { body } = await succeed(outputs, 'getEndpoint', { token: admin, path: { client_id: paused } });
    return body.status === 'paused' ? true : undefined;
  });
  const delivery = await until(async () => {
    const { body } = await succeed(outputs, 'listDeliveries', { token: admin, path: { client_id: told } });
    return body.items.find(({ state }: { state: string }) => state === 'delivered')?.id as string | undefined;
  });
  return { receiver, told, delivery, paused, toRemove };
}

/** One request of each operation on endpoints. */
export function endpointRequests(
  { receiver, told, delivery, paused, toRemove }: Endpoints,
  as: (request?: Request) => Request,
) {
  const path = { client_id: told };
  return {
    webhookJwks: {},
    setEndpoint: as({ path, body: { uri: receiver.url, verification: 'signing_key' } }),
    getEndpoint: as({ path }),
    removeEndpoint: as({ path: { client_id: toRemove } }),
    addEndpointKey: as({ path, body: { expire_others_in: 0 } }),
    resumeEndpoint: as({ path: { client_id: paused } }),
    pingEndpoint: as({ path }),
    listDeliveries: as({ path, query: 'limit=1' }),
    redeliver: as({ path: { ...path, id: delivery } }),
  } as const satisfies Partial<Record<Operation, Prepared>>;
}
