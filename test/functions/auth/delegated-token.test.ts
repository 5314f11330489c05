import { decodeJwt } from 'jose';
import {
  type AuthorizationServer,
  customFetch,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  processUserInfoResponse,
  validateApplicationLevelSignature,
} from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as introspectHandler } from '../../../functions/auth/introspect.ts';
import { handler as revokeHandler } from '../../../functions/auth/revoke.ts';
import { handler as tokenHandler } from '../../../functions/auth/token.ts';
import { handler as userinfoHandler } from '../../../functions/auth/userinfo.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { authorizationCodes } from '../../../src/adapters/dynamodb/authorization-code.ts';
import { consentKey } from '../../../src/adapters/dynamodb/consent.ts';
import { sessionKey } from '../../../src/adapters/dynamodb/session.ts';
import { userItemKey } from '../../../src/adapters/dynamodb/user.ts';
import { keySetOf } from '../../../src/oauth/jwks.ts';
import { issuer, registered } from '../../src/oauth/authorization-server.ts';
import { appOf, draftOf, newCode, publicAppOf, reachedBy } from '../../src/oauth/grants/scene.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer, form, formOf } from './authorization-server.ts';

const app = appOf();
const publicApp = publicAppOf();
const reader = registered(['tokens:introspect']);
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const reached = { ...reachedBy(app) };
const reachedByPublic = reachedBy(publicApp);
const token = callHandler(tokenHandler);
const introspect = callHandler(introspectHandler);
const revoke = callHandler(revokeHandler);
const userinfo = callHandler(userinfoHandler);

const sent = (who: typeof app, parameters: Readonly<Record<string, string>>) =>
  who === publicApp ? form({ client_id: who.integration.clientId, ...parameters }) : formOf(who, parameters);
const ask = (parameters: Readonly<Record<string, string>>, who = app) =>
  token('POST /oauth2/token', sent(who, parameters));
const refresh = (refresh_token: string, who = app) => ask({ grant_type: 'refresh_token', refresh_token }, who);
const isActive = async (text: string) =>
  (await introspect('POST /oauth2/introspect', formOf(reader, { token: text }))).body.active;

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer(app, publicApp, reader);
  for (const { user, session, consent } of [reached, reachedByPublic]) {
    const { tenant, userId, id } = session;
    await server.table.put({ ...userItemKey(tenant, user.id), ...user });
    await server.table.put({ ...sessionKey(tenant, userId, id), ...session, expiresAt: inAnHour() });
    await server.table.put({ ...consentKey(tenant, userId, consent.clientId), ...consent });
  }
  await ask({ grant_type: 'client_credentials' });
});
afterAll(() => server.close());

async function code(who = app) {
  const draft = draftOf(who, who === app ? reached : reachedByPublic, { expiresAt: inAnHour() });
  const made = newCode(who, draft, { expiresAt: inAnHour() });
  await authorizationCodes(server.table).create(made.code);
  return made.parameters;
}
/** What the audit log was told of a family's tokens or codes that came twice. */
async function replays(accessToken: string) {
  const { tenant, fam } = decodeJwt<{ tenant: string; fam: string }>(accessToken);
  const found = await auditEventStore(server.table).list(tenant, { action: 'authorization.replayed' }, { limit: 100 });
  return found.items.filter(({ changes }) => changes?.token_family === fam);
}
const begun = async (who = app) => (await ask(await code(who), who)).body;

describe('a code', () => {
  it('opens userinfo, and its tokens live until what they hang on is gone', async () => {
    const { access_token, refresh_token, id_token } = await begun();
    const answer = await userinfo('GET /oauth2/userinfo', { headers: { Authorization: `Bearer ${access_token}` } });
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' },
      body: { sub: reached.user.id },
    });
    expect(decodeJwt(id_token).sub).toBe(reached.user.id);
    expect([await isActive(access_token), await isActive(refresh_token)]).toEqual([true, true]);
    expect((await revoke('POST /oauth2/revoke', formOf(app, { token: refresh_token }))).status).toBe(200);
    expect([await isActive(access_token), await isActive(refresh_token)]).toEqual([false, false]);
    const dead = await userinfo('GET /oauth2/userinfo', { headers: { Authorization: `Bearer ${access_token}` } });
    expect(dead).toMatchObject({ status: 401, headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } });
  });

  it('is answered as an independent client expects, ID token and all', async () => {
    const answer = await ask(await code());
    const as: AuthorizationServer = {
      issuer,
      token_endpoint: `${issuer}/oauth2/token`,
      jwks_uri: `${issuer}/jwks`,
      id_token_signing_alg_values_supported: ['RS256'],
    };
    const client = { client_id: app.integration.clientId, require_auth_time: true };
    const response = new Response(JSON.stringify(answer.body), { headers: { 'Content-Type': 'application/json' } });
    const options = { expectedNonce: 'n-0S6_WzA2Mj', requireIdToken: true };
    const tokens = await processAuthorizationCodeResponse(as, client, response, options);
    expect(getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: reached.user.id, acr: 'aal2', amr: ['pwd', 'otp'] });
    const keys = keySetOf([server.signingKey]).body;
    const fetched = async () => new Response(keys, { headers: { 'Content-Type': 'application/json' } });
    await validateApplicationLevelSignature(as, response, { [customFetch]: fetched });
    const info = await userinfo('GET /oauth2/userinfo', {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
    });
    const said = new Response(JSON.stringify(info.body), { headers: { 'Content-Type': 'application/json' } });
    expect(await processUserInfoResponse(as, client, reached.user.id, said)).toEqual({ sub: reached.user.id });
  });

  it.each([
    ['confidential', app],
    ['public', publicApp],
  ])('of a %s client, redeemed ten times at once: one wins, and its tokens are then revoked', async (_, who) => {
    const parameters = await code(who);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(parameters, who)));
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_grant')).toHaveLength(9);
    expect(await isActive(won[0]?.body.access_token)).toBe(false);
    expect((await refresh(won[0]?.body.refresh_token, who)).body).toMatchObject({ error: 'invalid_grant' });
    expect(await replays(won[0]?.body.access_token)).toMatchObject([
      { object: who.integration.clientId, changes: { presented: 'authorization_code' } },
    ]);
  });

  it('costs three reads and one write, and what is signed and sealed comes before it', async () => {
    const parameters = await code();
    server.calls();
    await ask(parameters);
    const calls = server.calls();
    expect(calls.slice(0, 3)).toEqual(['BatchGetItem', 'GetItem', 'BatchGetItem']);
    expect(calls.slice(3, -1).sort()).toEqual(['Encrypt', 'Sign', 'Sign']);
    expect(calls.at(-1)).toBe('TransactWriteItems');
  });
});

describe('a refresh token', () => {
  it('used ten times at once: one family, and one successor for every honest caller', async () => {
    for (const who of [app, publicApp]) {
      const { refresh_token } = await begun(who);
      const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refresh_token, who)));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      const successors = [...new Set(answers.map(({ body }) => body.refresh_token))];
      expect(successors).toHaveLength(1);
      for (const { body } of answers) expect(await isActive(body.access_token)).toBe(true);
      expect((await refresh(successors[0], who)).status).toBe(200);
    }
  });

  it('that returns once its successor was used ends the family, and every access token of it', async () => {
    const { access_token, refresh_token } = await begun();
    const second = (await refresh(refresh_token)).body;
    const third = (await refresh(second.refresh_token)).body;
    expect(await isActive(third.access_token)).toBe(true);
    expect((await refresh(refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
    for (const dead of [access_token, second.access_token, third.access_token])
      expect(await isActive(dead)).toBe(false);
    expect((await refresh(third.refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
    expect(await replays(access_token)).toMatchObject([
      { actor: app.integration.clientId, changes: { presented: 'refresh_token', user: reached.user.id } },
    ]);
  });

  it('costs three reads, one secret opened, two signatures and one write', async () => {
    const { refresh_token } = await begun();
    server.calls();
    await refresh(refresh_token);
    const expected = ['BatchGetItem', 'GetItem', 'Decrypt', 'BatchGetItem', 'Sign', 'Sign', 'PutItem'];
    expect(server.calls()).toEqual(expected);
  });

  it('is introspected as active where it is the current one, for who may know', async () => {
    const { refresh_token } = await begun();
    const answer = await introspect('POST /oauth2/introspect', formOf(app, { token: refresh_token }));
    expect(answer.body).toEqual({
      active: true,
      scope: 'openid issues:write users:read',
      iss: expect.any(String),
      sub: reached.user.id,
      client_id: app.integration.clientId,
      exp: expect.any(Number),
      tenant: app.integration.tenant,
    });
    const next = (await refresh(refresh_token)).body.refresh_token;
    expect([await isActive(refresh_token), await isActive(next)]).toEqual([false, true]);
    const publicAnswer = await introspect('POST /oauth2/introspect', sent(publicApp, { token: next }));
    expect(publicAnswer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it("is revoked by its own client alone, a public one's too", async () => {
    const { refresh_token } = await begun(publicApp);
    expect((await revoke('POST /oauth2/revoke', formOf(app, { token: refresh_token }))).status).toBe(400);
    expect(await isActive(refresh_token)).toBe(true);
    expect((await revoke('POST /oauth2/revoke', sent(publicApp, { token: refresh_token }))).status).toBe(200);
    expect(await isActive(refresh_token)).toBe(false);
  });
});
