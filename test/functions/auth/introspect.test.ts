import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/auth/introspect.ts';
import { handler as revokeHandler } from '../../../functions/auth/revoke.ts';
import { handler as tokenHandler } from '../../../functions/auth/token.ts';
import { registered } from '../../src/oauth/authorization-server.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer, form, formOf } from './authorization-server.ts';

const owner = registered(['issues:read']);
const reader = registered(['tokens:introspect']);
const stranger = registered(['issues:read']);
const call = callHandler(handler);
const ask = (who: typeof owner, token: string) => call('POST /oauth2/introspect', formOf(who, { token }));
const revoke = (who: typeof owner, token: string) =>
  callHandler(revokeHandler)('POST /oauth2/revoke', formOf(who, { token }));

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer(owner, reader, stranger);
});
afterAll(() => server.close());

let token: string;
beforeEach(async () => {
  const answer = await callHandler(tokenHandler)(
    'POST /oauth2/token',
    formOf(owner, { grant_type: 'client_credentials' }),
  );
  token = answer.body.access_token;
});

describe('introspection, 200', () => {
  it('tells who may know what an active token may do; nobody keeps it, no other origin reads it', async () => {
    for (const who of [owner, reader]) {
      const answer = await ask(who, token);
      expect(answer).toMatchObject({
        status: 200,
        headers: { 'Cache-Control': 'no-store' },
        body: { active: true, scope: 'issues:read', client_id: owner.integration.clientId },
      });
      expect(answer.headers).not.toHaveProperty('Access-Control-Allow-Origin');
    }
  });

  it('costs two reads, one for the client and one for the token', async () => {
    await ask(owner, token);
    server.calls();
    await ask(owner, token);
    expect(server.calls()).toEqual(['BatchGetItem', 'BatchGetItem']);
  });

  it('tells everybody else {"active":false}', async () => {
    expect((await ask(stranger, token)).body).toEqual({ active: false });
    expect((await ask(owner, 'x')).body).toEqual({ active: false });
  });
});

describe('revocation, 200', () => {
  it('kills the token of who revokes it, and no other', async () => {
    const other = await callHandler(tokenHandler)(
      'POST /oauth2/token',
      formOf(owner, { grant_type: 'client_credentials' }),
    );
    expect(await revoke(owner, token)).toMatchObject({
      status: 200,
      headers: { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' },
      body: undefined,
    });
    expect((await ask(owner, token)).body).toEqual({ active: false });
    expect((await ask(owner, other.body.access_token)).body).toMatchObject({ active: true });
  });

  it('is the answer to what is no token', async () => {
    server.calls();
    expect((await revoke(owner, 'x')).status).toBe(200);
    expect(server.calls()).not.toContain('PutItem');
  });
});

describe('400', () => {
  it("another client's token is not revoked", async () => {
    expect(await revoke(stranger, token)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect((await ask(owner, token)).body).toMatchObject({ active: true });
  });

  it('no token', async () => {
    expect(await ask(owner, '')).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await revoke(owner, '')).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('401', () => {
  it('a caller that does not authenticate', async () => {
    expect((await ask({ ...owner, secret: 'wrong' }, token)).body).toMatchObject({ error: 'invalid_client' });
    expect((await call('POST /oauth2/introspect', form({ token }))).status).toBe(401);
    expect(await revoke({ ...owner, secret: 'wrong' }, token)).toMatchObject({ status: 401 });
    expect((await ask(owner, token)).body).toMatchObject({ active: true });
  });
});
