import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logoutDeliveries, logoutDeliveryItem } from '../../../src/adapters/dynamodb/logout-delivery.ts';
import { guardedFetch } from '../../../src/adapters/http/guarded-fetch.ts';
import { newId } from '../../../src/entities/identifiers.ts';
import { deliveryOf, type LogoutDelivery } from '../../../src/entities/logout-delivery.ts';
import { deliverLogouts } from '../../../src/oauth/back-channel-logout.ts';
import { type EmbeddedTable, openEmbeddedTable } from '../adapters/dynamodb/embedded-table.ts';
import { issuer, type Registered, registered } from './authorization-server.ts';
import { localSigner } from './local-signer.ts';
import { startLogoutReceiver } from './logout-receiver.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const endedAt = Date.parse('2026-11-21T12:00:00.000Z');
const minute = 60_000;

let embedded: EmbeddedTable;
let receiver: Awaited<ReturnType<typeof startLogoutReceiver>>;
beforeAll(async () => {
  receiver = await startLogoutReceiver();
});
afterAll(() => receiver.close());

const ok = receiverAnswers(200);
function receiverAnswers(status: number) {
  return (response: ServerResponse) => void response.writeHead(status, { Location: '/elsewhere' }).end();
}

const clients = new Map<string, Registered>();
let now: number;
beforeEach(async () => {
  embedded = await openEmbeddedTable();
  receiver.received.length = 0;
  receiver.behaviour.answer = ok;
  clients.clear();
  now = endedAt;
  return () => embedded.close();
});

function client(backchannelLogoutUri: string | undefined): string {
  const made = registered(['issues:read'], { backchannelLogoutUri });
  clients.set(made.integration.clientId, made);
  return made.integration.clientId;
}

async function sessionEnded(...clientIds: string[]): Promise<LogoutDelivery> {
  const tenant = clients.values().next().value?.integration.tenant ?? '';
  const session = { tenant, userId: 'usr_1', id: newId('ses', randomBytes) };
  const delivery = deliveryOf(session, clientIds, new Date(endedAt).toISOString());
  await embedded.table.put(logoutDeliveryItem(delivery));
  return delivery;
}

function run(timeoutMilliseconds = 5000) {
  now += 1;
  return deliverLogouts(
    issuer,
    {
      clock: { now: () => now },
      signer: localSigner(privateKey, 'kid-1'),
      integrations: { get: async (_, clientId) => clients.get(clientId)?.integration },
      deliveries: logoutDeliveries(embedded.table),
      fetch: guardedFetch({ loopback: true, timeoutMilliseconds }),
    },
    now + minute,
  );
}

const claims = () => receiver.received.map(({ token }) => decodeJwt(token ?? ''));

describe('a client with a back-channel logout URI', () => {
  it('is told once of a session that ended, by a signed logout token', async () => {
    const clientId = client(receiver.url);
    const { sessionId } = await sessionEnded(clientId);
    expect(await run()).toEqual([]);
    expect(receiver.received).toEqual([
      { method: 'POST', contentType: 'application/x-www-form-urlencoded', token: expect.any(String) },
    ]);
    expect(decodeProtectedHeader(receiver.received[0]?.token ?? '')).toMatchObject({ typ: 'logout+jwt' });
    const iat = Math.floor(now / 1000);
    expect(claims()).toEqual([
      {
        iss: issuer,
        sub: 'usr_1',
        aud: clientId,
        iat,
        exp: iat + 120,
        jti: `${sessionId}.${clientId}`,
        sid: sessionId,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      },
    ]);
    now += 25 * 60 * minute;
    await run();
    expect(receiver.received).toHaveLength(1);
  });

  it('is told once by ten functions at once', async () => {
    await sessionEnded(client(receiver.url));
    await Promise.all(Array.from({ length: 10 }, () => run()));
    expect(receiver.received).toHaveLength(1);
  });

  it('that answers 204 has understood', async () => {
    receiver.behaviour.answer = receiverAnswers(204);
    await sessionEnded(client(receiver.url));
    expect(await run()).toEqual([]);
  });

  const troubles: [string, (response: ServerResponse) => void, string][] = [
    ['500', receiverAnswers(500), 'status 500'],
    ['400', receiverAnswers(400), 'status 400'],
    ['a redirect', receiverAnswers(307), 'redirect'],
    ['no answer in time', () => undefined, 'too slow'],
    ['a cut connection', (response) => void response.destroy(), 'unreachable'],
  ];
  it.each(troubles)('that answers with %s is told again later, under the same jti', async (_, answer, reason) => {
    receiver.behaviour.answer = answer;
    const clientId = client(receiver.url);
    await sessionEnded(clientId);
    expect(await run(200)).toEqual([
      { tenant: clients.get(clientId)?.integration.tenant, clientId, attempt: 1, reason, givenUp: false },
    ]);
    expect(await run()).toEqual([]);
    expect(receiver.received).toHaveLength(1);
    receiver.behaviour.answer = ok;
    now += minute;
    expect(await run()).toEqual([]);
    const [first, second] = claims();
    expect(second?.jti).toBe(first?.jti);
    expect(second?.iat).toBeGreaterThan(first?.iat ?? 0);
    now += 60 * minute;
    await run();
    expect(receiver.received).toHaveLength(2);
  });

  it('that is down for a day is given up', async () => {
    receiver.behaviour.answer = receiverAnswers(503);
    await sessionEnded(client(receiver.url));
    const givenUp: boolean[] = [];
    for (let passed = 0; passed < 48 * 60; passed += 10) {
      givenUp.push(...(await run()).map((line) => line.givenUp));
      now += 10 * minute;
    }
    expect(givenUp).toEqual([...Array(receiver.received.length - 1).fill(false), true]);
    expect(receiver.received.length).toBeGreaterThan(5);
  });

  it('does not keep others from being told', async () => {
    const down = client('http://127.0.0.1:1/backchannel-logout');
    const up = client(receiver.url);
    await sessionEnded(down, up);
    expect(await run()).toMatchObject([{ clientId: down, reason: 'unreachable' }]);
    expect(claims()).toMatchObject([{ aud: up }]);
    now += 2 * minute;
    expect(await run()).toMatchObject([{ clientId: down, attempt: 2 }]);
    expect(receiver.received).toHaveLength(1);
  });

  it('whose URI is none that may be fetched is not fetched', async () => {
    const clientId = client('http://169.254.169.254/latest/meta-data');
    await sessionEnded(clientId);
    expect(await run()).toMatchObject([{ clientId, reason: 'refused' }]);
  });
});

describe('nothing is sent', () => {
  it.each([
    ['without a back-channel logout URI', () => client(undefined)],
    ['that is there no more', () => newId('int', randomBytes)],
  ])('to a client %s, and nothing is left over', async (_, made) => {
    const { tenant, sessionId } = await sessionEnded(made());
    expect(await run()).toEqual([]);
    expect(await logoutDeliveries(embedded.table).due(now + 60 * minute, 10)).toEqual([]);
    expect(receiver.received).toEqual([]);
    expect(sessionId && tenant).toBeDefined();
  });
});

it('a failure of ours loses nothing: what was begun is due again', async () => {
  await sessionEnded(client(receiver.url));
  embedded.refuses = (operation) => operation === 'Query';
  await expect(run()).rejects.toThrow('unavailable');
  embedded.refuses = () => false;
  await run();
  expect(receiver.received).toHaveLength(1);
});
