import { createHash } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as introspectHandler } from '../../functions/auth/introspect.ts';
import { handler as parHandler } from '../../functions/auth/par.ts';
import { handler as revokeHandler } from '../../functions/auth/revoke.ts';
import { handler as tokenHandler } from '../../functions/auth/token.ts';
import { environment } from '../../src/environment.ts';
import { deployScene, type Navigator, navigator, type Scene, signInOn } from './auth/authorization-scene.ts';
import { formOf } from './auth/authorization-server.ts';
import { callHandler } from './deployment.ts';

vi.mock('../../src/authentication/password-hash.ts', async (original) =>
  (await import('../cheap-password-hash.ts')).withCheapHashes(original),
);

let scene: Scene;
let other: Awaited<ReturnType<Scene['furnishAnother']>>;
let by: Navigator;
beforeAll(async () => {
  scene = await deployScene();
  other = await scene.furnishAnother({ tenant: { name: 'Other' } });
  by = navigator();
  await signInOn(by, await by.open('/oauth2/authorize', scene.request(asked)));
});
afterAll(() => scene.close());

const verifier = 'v'.repeat(43);
const asked = {
  scope: 'openid offline_access issues:read',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
};
const token = callHandler(tokenHandler);
const introspect = callHandler(introspectHandler);
const revoke = callHandler(revokeHandler);
const par = callHandler(parHandler);

/** Every item of the first tenant. */
async function itemsOfTenant(): Promise<readonly string[]> {
  const client = new DynamoDBClient();
  const { Items = [] } = await client.send(new ScanCommand({ TableName: process.env[environment.tableName] }));
  client.destroy();
  const own = Items.filter(({ pk }) => pk?.S?.includes(scene.tenant.tenant));
  return own.map((item) => JSON.stringify(item)).sort();
}

/** A code of the first tenant's application. */
async function newCode(): Promise<string> {
  const page = await by.open('/oauth2/authorize', scene.request(asked));
  const { url } = page.status === 200 ? await by.send(page, { decision: 'allow' }) : page;
  return url.searchParams.get('code') ?? '';
}

const redemption = (code: string) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: scene.client.integration.redirectUris[0] ?? '',
  code_verifier: verifier,
});

const refreshing = (refresh_token: string) => ({ grant_type: 'refresh_token', refresh_token });

async function newRefreshToken(): Promise<string> {
  return (await token('POST /oauth2/token', formOf(scene.client, redemption(await newCode())))).body.refresh_token;
}

/** One of the same form and tenant that nobody was ever given. */
const unknown = (text: string) => `${text.slice(0, -10)}${'0'.repeat(10)}`;

describe('to a client of another tenant', () => {
  it('a code is none, and stays good for its own', async () => {
    const code = await newCode();
    const before = await itemsOfTenant();
    const answers = [code, unknown(code)].map((each) =>
      token('POST /oauth2/token', formOf(other.client, redemption(each))),
    );
    const [presented, never] = await Promise.all(answers);
    expect(presented).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(presented?.body).toEqual(never?.body);
    expect(await itemsOfTenant()).toEqual(before);
    expect((await token('POST /oauth2/token', formOf(scene.client, redemption(code)))).status).toBe(200);
  });

  it('a refresh token is none wherever it is presented, and stays good for its own', async () => {
    const refreshToken = await newRefreshToken();
    const before = await itemsOfTenant();
    for (const each of [refreshToken, unknown(refreshToken)]) {
      expect(await token('POST /oauth2/token', formOf(other.client, refreshing(each)))).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
      const asking = formOf(other.client, { token: each });
      expect((await introspect('POST /oauth2/introspect', asking)).body).toEqual({ active: false });
      expect((await revoke('POST /oauth2/revoke', asking)).status).toBe(200);
    }
    expect(await itemsOfTenant()).toEqual(before);
    expect((await token('POST /oauth2/token', formOf(scene.client, refreshing(refreshToken)))).status).toBe(200);
  });

  it('a pushed request is none, and stays good for its own', async () => {
    const pushed = await par('POST /oauth2/par', formOf(scene.client, scene.request(asked)));
    const request = (integration = scene.client.integration) => ({
      client_id: integration.clientId,
      request_uri: pushed.body.request_uri,
    });
    const before = await itemsOfTenant();
    const refused = await navigator().open('/oauth2/authorize', request(other.client.integration));
    const never = { ...request(other.client.integration), request_uri: unknown(pushed.body.request_uri) };
    const unheardOf = await navigator().open('/oauth2/authorize', never);
    expect(refused.location).toBeUndefined();
    expect([refused.status, refused.heading]).toEqual([unheardOf.status, unheardOf.heading]);
    expect(await itemsOfTenant()).toEqual(before);
    expect((await by.open('/oauth2/authorize', request())).url.searchParams.get('error')).toBeNull();
  });
});

describe('in another tenant', () => {
  it('an interaction is over on every page, and goes on in its own', async () => {
    const page = await by.open('/oauth2/authorize', scene.request({ ...asked, prompt: 'consent' }));
    const interaction = page.url.searchParams.get('interaction') ?? '';
    const elsewhere = interaction.replace(scene.tenant.tenant.slice(4), other.tenant.tenant.slice(4));
    expect(elsewhere).not.toBe(interaction);
    const paths = ['/sign-in', '/accounts', '/consent', '/second-factor', '/enrol-second-factor'];
    const before = await itemsOfTenant();
    for (const path of [...paths, '/enrol-second-factor/authenticator', '/oauth2/authorize'])
      expect(await by.open(path, { interaction: elsewhere }), path).toMatchObject({
        status: 400,
        heading: 'This page is over',
      });
    expect(await itemsOfTenant()).toEqual(before);
    expect((await by.open('/consent', { interaction })).status).toBe(200);
  });

  it('a session opens no page of an account, under its own cookie or that of the tenant', async () => {
    const cookie = by.cookies.get(`__Host-session-${scene.tenant.tenant.slice(4)}`) ?? '';
    const thief = navigator();
    for (const [name, value] of by.cookies) thief.cookies.set(name, value);
    for (const copied of [false, true]) {
      if (copied) thief.cookies.set(`__Host-session-${other.tenant.tenant.slice(4)}`, cookie);
      for (const path of ['account', 'password', 'second-factor', 'account/linked'])
        expect((await thief.open(`/t/${other.tenant.tenant}/${path}`)).heading, path).toBe('Sign in');
    }
    expect((await thief.open(`/t/${scene.tenant.tenant}/account`)).heading).not.toBe('Sign in');
  });

  it('a form names no session and no application of this one', async () => {
    const there = navigator();
    const signIn = await there.open('/oauth2/authorize', scene.request(asked, other.client.integration));
    await there.send(await signInOn(there, signIn), { decision: 'allow' });
    const at = `/t/${other.tenant.tenant}/account`;
    // Sessions that can be ended here are those of other browsers.
    const elsewhere = navigator();
    await signInOn(elsewhere, await elsewhere.open(at));
    const account = await there.open(at);
    const before = await itemsOfTenant();
    const [, session = ''] = (by.cookies.get(`__Host-session-${scene.tenant.tenant.slice(4)}`) ?? '').split('.');
    expect(session).toMatch(/^ses_/);
    // As one that has ended meanwhile.
    expect(await there.send(account, { session }, `${at}/sessions`)).toMatchObject({ heading: account.heading });
    const { clientId: client_id } = scene.client.integration;
    expect(await there.send(account, { client_id }, `${at}/consents`)).toMatchObject({ status: 404 });
    expect(await itemsOfTenant()).toEqual(before);
    const own = { client_id: other.client.integration.clientId };
    expect(await there.send(account, own, `${at}/consents`)).toMatchObject({ heading: account.heading });
  });
});
