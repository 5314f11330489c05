import { randomBytes } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/deployment/logout-deliveries.ts';
import { logger } from '../../../functions/shared/logger.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { logoutDeliveryItem } from '../../../src/adapters/dynamodb/logout-delivery.ts';
import { newId } from '../../../src/entities/identifiers.ts';
import { deliveryOf } from '../../../src/entities/logout-delivery.ts';
import { environment } from '../../../src/environment.ts';
import { issuer, type Registered, registered } from '../../src/oauth/authorization-server.ts';
import { startLogoutReceiver } from '../../src/oauth/logout-receiver.ts';
import { deployAuthorizationServer } from '../auth/authorization-server.ts';

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
let receiver: Awaited<ReturnType<typeof startLogoutReceiver>>;
let app: Registered;
beforeAll(async () => {
  process.env[environment.loopbackFetch] = 'on';
  receiver = await startLogoutReceiver();
  app = registered(['issues:read'], { backchannelLogoutUri: receiver.url });
  server = await deployAuthorizationServer(app);
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

async function sessionEnded() {
  const { tenant, clientId } = app.integration;
  const session = { tenant, userId: 'usr_1', id: newId('ses', randomBytes) };
  await server.table.put(logoutDeliveryItem(deliveryOf(session, [clientId], new Date().toISOString())));
  return session.id;
}

beforeEach(() => {
  receiver.received.length = 0;
});

it("clients of an ended session are told, with the deployment's RS256 key", async () => {
  const sessionId = await sessionEnded();
  await vi.waitFor(async () => {
    await handler();
    expect(receiver.received).toHaveLength(1);
  });
  const { kid, publicJwk } = server.signingKey;
  const keys = createLocalJWKSet({ keys: [{ ...publicJwk, kid, kty: 'RSA' }] });
  const { payload } = await jwtVerify(receiver.received[0]?.token ?? '', keys, {
    issuer,
    audience: app.integration.clientId,
    algorithms: ['RS256'],
    typ: 'logout+jwt',
  });
  expect(payload).toMatchObject({ sub: 'usr_1', sid: sessionId });
});

it('a client that cannot be told is a line of the log, without what it answered', async () => {
  const warn = vi.spyOn(logger, 'warn');
  const { clientId } = app.integration;
  await server.table.put(
    integrationItem({ ...app.integration, backchannelLogoutUri: 'https://169.254.169.254/logout' }),
  );
  await sessionEnded();
  await vi.waitFor(async () => {
    await handler();
    expect(warn).toHaveBeenCalledOnce();
  });
  expect(warn).toHaveBeenCalledWith('logout not delivered', {
    tenant: app.integration.tenant,
    clientId,
    attempt: 1,
    reason: 'refused',
    givenUp: false,
  });
});
