import { describe, expect, it } from 'vitest';
import { deliveryQueueKey } from '../../../src/adapters/dynamodb/delivery-row.ts';
import { endpointItem, endpointStore } from '../../../src/adapters/dynamodb/endpoint.ts';
import type { Endpoint } from '../../../src/entities/endpoint.ts';
import { paused } from '../../../src/entities/endpoint.ts';
import { allow, one, stateOf } from './application-calls.ts';
import { offering } from './applications-scene.ts';
import { someEvent } from './own-access-scene.ts';
import { storedIntegration } from './scene.ts';

const { scene, customer, actions, register, publish } = offering();

const table = () => scene().embedded.table;
const at = (place: string) => ({ uri: `https://mirror.example/${place}`, verification: 'public_key' });

/** An application that the customer is connected to; at its endpoint, where it has one. */
async function connected(more: object = {}) {
  const id = await register(more);
  const { client_id } = (await allow(customer(), id)).body;
  return { id, client_id };
}

async function endpointOf(clientId: string): Promise<Endpoint> {
  const found = await endpointStore(table()).get(customer().tenant, clientId);
  if (found === undefined) throw new Error('there is none');
  return found;
}

describe('a new endpoint that is accepted', () => {
  it('is told of events though the one before it was paused, and of those that wait at once', async () => {
    const { id, client_id } = await connected({ endpoint: at('old') });
    const old = await endpointOf(client_id);
    await endpointStore(table()).update(old, paused(old, Date.now()), someEvent(customer().tenant));
    await publish(id, { endpoint: at('new') });
    expect((await endpointOf(client_id)).status).toBe('paused');
    expect((await allow(customer(), id)).status).toBe(200);
    const resumed = await endpointOf(client_id);
    expect(resumed).toMatchObject({ uri: 'https://mirror.example/new', status: 'active' });
    expect(resumed).not.toHaveProperty('pausedAt');
    expect(await table().get(deliveryQueueKey(customer().tenant, client_id))).toMatchObject({ arrivals: 1 });
  });

  it('is told of nothing that happened before there was one', async () => {
    const { id, client_id } = await connected();
    const before = Date.now();
    await publish(id, { endpoint: at('first') });
    await allow(customer(), id);
    expect(Date.parse((await endpointOf(client_id)).createdAt)).toBeGreaterThanOrEqual(before);
  });

  it.each([
    ['another', at('new'), { endpoint: at('old') }],
    ['a first', at('new'), {}],
    ['none any more', null, { endpoint: at('old') }],
  ])('403: %s is accepted by nobody who may not have what is told there', async (_, endpoint, was) => {
    const { id } = await connected(was);
    await publish(id, { endpoint });
    const modest = { ...customer(), subject: 'usr_modest', rights: ['integrations:manage'] };
    expect(await allow(modest, id)).toMatchObject({ status: 403, body: { missing_rights: ['issues:read'] } });
    expect((await actions(customer()))[0]).toBe('app.refused');
    expect(await stateOf(customer(), id)).toBe('awaiting_acceptance');
    expect((await allow({ ...modest, rights: ['integrations:manage', 'issues:read'] }, id)).status).toBe(200);
  });

  it('is decided on what is there by then, read once for each try', async () => {
    const { id, client_id } = await connected({ endpoint: at('old') });
    await publish(id, { endpoint: at('new') });
    const old = await endpointOf(client_id);
    // Somebody pauses it after it was read, which comes second, and before the acceptance is written.
    let [reads, isPaused] = [0, false];
    scene().embedded.refuses = (operation) => {
      if (operation === 'GetItem' && ++reads === 2)
        void table()
          .put(endpointItem({ ...paused(old, Date.now()), version: old.version + 1 }))
          .then(() => {
            isPaused = true;
          });
      return operation === 'TransactWriteItems' && !isPaused;
    };
    scene().embedded.calls();
    const answer = await allow(customer(), id);
    scene().embedded.refuses = () => false;
    expect(answer.status).toBe(200);
    // The integration and the endpoint, each twice.
    expect(scene().embedded.calls().GetItem).toBe(4);
    expect(await endpointOf(client_id)).toMatchObject({ uri: 'https://mirror.example/new', status: 'active' });
    expect((await storedIntegration(scene(), customer(), client_id))?.application?.acceptedVersion).toBe(2);
    expect((await one(customer(), client_id, 'GET')).body.endpoint.uri).toBe('https://mirror.example/new');
  });
});
