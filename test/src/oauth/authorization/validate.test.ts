import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { newClientId, newTenantId } from '../../../../src/entities/identifiers.ts';
import type { SigningKey } from '../../../../src/entities/signing-key.ts';
import { adminUrl, apiUrl, issuer } from '../authorization-server.ts';
import {
  type Circumstances,
  detailsOf,
  implicit,
  nativeApp,
  type Parameters,
  redirectUri,
  refusalOf,
  validated,
  webApp,
} from './scene.ts';

const web = webApp(['issues:read', 'issues:write', 'users:read', 'users:manage']).integration;
const native = nativeApp().integration;

describe('a request without fault', () => {
  it('passes, and says what was asked for', async () => {
    expect(
      await validated(web, { nonce: 'n', login_hint: 'ada', prompt: 'login consent', max_age: '0' }),
    ).toMatchObject({
      integration: web,
      recipient: { issuer, redirectUri, responseMode: 'query', state: 'a state' },
      responseType: 'code',
      nonce: 'n',
      loginHint: 'ada',
      prompt: ['login', 'consent'],
      maxAgeSeconds: 0,
      asked: { scopes: ['openid'], rights: { global: ['issues:read'], byProject: {} }, resources: [] },
    });
  });

  it.each<[string, Parameters, Circumstances?]>([
    ['parameters that nobody knows', { display: 'page', claims: '{}', acr_values: 'aal2', audience: 'x' }],
    ['an empty parameter, which counts as absent', { nonce: '', request: '', request_uri: '' }],
    ['several resources', { resource: [apiUrl, adminUrl] }],
    ['a key to be bound to', { dpop_jkt: 'k'.repeat(43) }, { settings: { dpop: true } }],
    ['a key where tokens are bound to none', { dpop_jkt: 'short' }],
    ['mode fragment', { response_mode: 'fragment' }],
    ['mode form_post', { response_mode: 'form_post' }],
  ])('passes with %s', async (_, changes, circumstances) => {
    await expect(validated(web, changes, circumstances)).resolves.toMatchObject({ responseType: 'code' });
  });

  it('passes without a state, and is answered without one', async () => {
    expect((await validated(web, { state: undefined })).recipient.state).toBeUndefined();
  });
});

describe('nothing is sent anywhere', () => {
  const stranger = newClientId(newTenantId(randomBytes), randomBytes);
  it.each<[string, Parameters]>([
    ['no client', { client_id: undefined }],
    ['what is no client id', { client_id: 'x' }],
    ['a client that nobody knows', { client_id: newClientId(web.tenant, randomBytes) }],
    ['a client of a tenant that nobody knows', { client_id: stranger }],
    ['no redirect URI, though one is registered', { redirect_uri: undefined }],
  ])('for %s', async (_, changes) => {
    expect(await refusalOf(validated(web, changes))).toEqual({ code: 'invalid_request', told: 'the user' });
  });

  it('for a client that was disabled', async () => {
    const disabled = { ...web, status: 'disabled' } as const;
    expect((await refusalOf(validated(disabled))).told).toBe('the user');
  });

  it.each([
    ['user information', 'https://app.example@evil.example/callback'],
    ['a user', 'https://user@app.example/callback'],
    ['an encoded path', 'https://app.example/%63allback'],
    ['an encoded host', 'https://app%2eexample/callback'],
    ['another case of the host', 'https://APP.example/callback'],
    ['another case of the scheme', 'HTTPS://app.example/callback'],
    ['another case of the path', 'https://app.example/Callback'],
    ['a trailing dot', 'https://app.example./callback'],
    ['path traversal', 'https://app.example/callback/../evil'],
    ['path traversal that comes back', 'https://app.example/x/../callback'],
    ['encoded path traversal', 'https://app.example/callback/%2e%2e/evil'],
    ['another port', 'https://app.example:8443/callback'],
    ['the default port', 'https://app.example:443/callback'],
    ['plain http', 'http://app.example/callback'],
    ['a subdomain', 'https://evil.app.example/callback'],
    ['a longer host', 'https://app.example.evil.example/callback'],
    ['a longer path', 'https://app.example/callback2'],
    ['a trailing slash', 'https://app.example/callback/'],
    ['a query', 'https://app.example/callback?x=1'],
    ['a fragment', 'https://app.example/callback#x'],
    ['a parameter of the path', 'https://app.example/callback;x'],
    ['a backslash', 'https://evil.example\\@app.example/callback'],
    ['a backslash in the path', 'https://app.example\\callback'],
    ['a space before', ' https://app.example/callback'],
    ['a space behind', 'https://app.example/callback '],
    ['a tab', 'https://app.example/\tcallback'],
    ['a line break', 'https://app.example/callback\r\nSet-Cookie: a=b'],
    ['a null', 'https://app.example/callback\0'],
    ['a letter that looks the same', 'https://\u0430pp.example/callback'],
    ['a wide letter', 'https://\uff41pp.example/callback'],
    ['no scheme', '//app.example/callback'],
    ['no host', '/callback'],
    ['javascript', 'javascript:alert(1)//https://app.example/callback'],
    ['data', 'data:text/html,https://app.example/callback'],
    ['another app', 'https://evil.example/callback'],
  ])('to a redirect URI with %s', async (_, given) => {
    expect(await refusalOf(validated(web, { redirect_uri: given }))).toEqual({
      code: 'invalid_request',
      told: 'the user',
    });
  });

  it('to a registered URI of another client', async () => {
    const other = webApp([], { redirectUris: ['https://other.example/callback'] }).integration;
    expect((await refusalOf(validated(web, { redirect_uri: other.redirectUris[0] }))).told).toBe('the user');
  });
});

describe('the client is told, at its own redirect URI and with its own state,', () => {
  it.each<[string, string, Parameters, Circumstances?]>([
    ['of a request object', 'request_not_supported', { request: 'eyJ' }],
    ['of a request to be fetched', 'request_uri_not_supported', { request_uri: 'https://app.example/request.jwt' }],
    ['of a registration', 'registration_not_supported', { registration: '{}' }],
    ['of no response type', 'invalid_request', { response_type: undefined }],
    ['of an unknown response type', 'unsupported_response_type', { response_type: 'device' }],
    ['of a mix of response types', 'unsupported_response_type', { response_type: 'code device' }],
    ['of none', 'unsupported_response_type', { response_type: 'none' }],
    ['of an unknown response mode', 'invalid_request', { response_mode: 'jwt' }],
    ['of no code challenge', 'invalid_request', { code_challenge: undefined, code_challenge_method: undefined }],
    ['of a challenge method by default', 'invalid_request', { code_challenge_method: undefined }],
    ['of the method plain', 'invalid_request', { code_challenge_method: 'plain' }],
    ['of another case of the method', 'invalid_request', { code_challenge_method: 's256' }],
    ['of a challenge that is no hash', 'invalid_request', { code_challenge: 'short' }],
    ['of an unknown prompt', 'invalid_request', { prompt: 'create' }],
    ['of prompt none with another', 'invalid_request', { prompt: 'none login' }],
    ['of an age that is no number', 'invalid_request', { max_age: '-1' }],
    ['of a key that is none', 'invalid_request', { dpop_jkt: 'short' }, { settings: { dpop: true } }],
    ['of a nonce that is too long', 'invalid_request', { nonce: 'n'.repeat(2048) }],
    ['of a right that it does not hold', 'invalid_scope', { scope: 'openid audit:read' }],
    ['of a right that nobody knows', 'invalid_scope', { scope: 'openid issues:burn' }],
    ["of the operator's right", 'invalid_scope', { scope: 'tenants:manage' }],
    ['of a malformed scope', 'invalid_scope', { scope: 'openid  issues:read' }],
    ['that it asked for nothing', 'invalid_scope', { scope: undefined }],
    ['that it asked for nothing known', 'invalid_scope', { scope: 'everything' }],
    ['that profile without openid is nothing', 'invalid_scope', { scope: 'profile email' }],
    ['of an unknown API', 'invalid_target', { resource: 'https://evil.example' }],
    [
      'of a project right that it does not hold',
      'invalid_authorization_details',
      { authorization_details: detailsOf('boards:read') },
    ],
    ['of details that are none', 'invalid_authorization_details', { authorization_details: '{}' }],
  ])('%s', async (_, code, changes, circumstances) => {
    expect(await refusalOf(validated(web, changes, circumstances))).toEqual({
      code,
      told: { issuer, redirectUri, responseMode: 'query', state: 'a state' },
    });
  });

  it('of a grant that is not its own', async () => {
    const machine = webApp([], { grantTypes: ['client_credentials'] }).integration;
    expect((await refusalOf(validated(machine))).code).toBe('unauthorized_client');
  });

  it('of an API where it holds nothing', async () => {
    const app = webApp(['issues:read']).integration;
    expect((await refusalOf(validated(app, { resource: adminUrl }))).code).toBe('invalid_target');
    expect(await validated(app, { resource: apiUrl })).toMatchObject({ asked: { resources: [apiUrl] } });
  });

  it('in the mode that it asked for', async () => {
    for (const mode of ['fragment', 'form_post', 'query'])
      expect((await refusalOf(validated(web, { response_mode: mode, scope: 'a:b' }))).told).toMatchObject({
        responseMode: mode,
      });
  });

  it('in the fragment, where it would read tokens, though it asked for the query', async () => {
    const told = (await refusalOf(validated(web, { ...implicit, response_mode: 'query' }))).told;
    expect(told).toMatchObject({ responseMode: 'fragment' });
  });

  it.each(['s'.repeat(2043), '\u00fc'.repeat(341)])('without a state that is too long for an answer', async (state) => {
    expect(await refusalOf(validated(web, { state }))).toMatchObject({
      code: 'invalid_request',
      told: { redirectUri, state: undefined },
    });
    expect((await validated(web, { state: state.slice(1) })).recipient.state).toBe(state.slice(1));
  });
});

describe('a client that pushes its requests', () => {
  const pushing = { ...web, requirePushedAuthorizationRequests: true };
  it('is not taken to have sent one that came by way of a browser', async () => {
    expect((await refusalOf(validated(pushing))).code).toBe('invalid_request');
  });
  it.each(['pushed', 'resumed'] as const)('is known by one that was %s', async (arrival) => {
    await expect(validated(pushing, {}, { arrival })).resolves.toMatchObject({ integration: pushing });
  });
});

describe('what is asked for', () => {
  const asked = async (changes: Parameters) => (await validated(web, changes)).asked;

  it('is what scope names, and unknown values without a colon are ignored', async () => {
    expect(await asked({ scope: 'openid profile offline_access foo issues:read' })).toEqual({
      scopes: ['openid', 'profile', 'offline_access'],
      rights: { global: ['issues:read'], byProject: {} },
      resources: [],
    });
  });

  it('may be less than what is held: what is implied', async () => {
    const app = webApp(['issues:write']).integration;
    expect((await validated(app, { scope: 'issues:read' })).asked.rights.global).toEqual(['issues:read']);
  });

  it('is in projects alone where details say so, even beside scope', async () => {
    const details = { authorization_details: detailsOf('issues:read') };
    expect((await asked({ scope: 'issues:read users:read', ...details })).rights).toEqual({
      global: ['users:read'],
      byProject: { PRJ: ['issues:read'] },
    });
    expect((await asked({ scope: undefined, ...details })).rights.byProject).toEqual({ PRJ: ['issues:read'] });
  });

  it('is of the APIs alone that resource selects', async () => {
    expect((await asked({ scope: 'issues:read users:manage', resource: apiUrl })).rights.global).toEqual([
      'issues:read',
    ]);
  });

  it('has no offline_access for who is given no refresh token', async () => {
    const app = webApp(['issues:read'], { grantTypes: ['authorization_code'] }).integration;
    expect((await validated(app, { scope: 'openid offline_access' })).asked.scopes).toEqual(['openid']);
  });
});

describe('an ID token that comes back', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key: SigningKey = {
    kid: 'main',
    name: 'main',
    algorithm: 'RS256',
    keyArn: 'arn',
    publicJwk: publicKey.export({ format: 'jwk' }) as Readonly<Record<string, string>>,
    state: 'active',
    since: '2026-11-21T10:00:00.000Z',
  };
  const hinted = async (aud: string) => {
    const token = new SignJWT({ iss: issuer, sub: 'usr_1', aud }).setProtectedHeader({
      alg: 'RS256',
      typ: 'JWT',
      kid: key.kid,
    });
    const hint = { id_token_hint: await token.sign(privateKey) };
    return (await validated(web, hint, { keys: [key] })).hintedUserId;
  };

  it("names the user, where it was this client's", async () => {
    expect(await hinted(web.clientId)).toBe('usr_1');
    expect(await hinted(native.clientId)).toBeUndefined();
  });

  it('names nobody, where it is none of ours', async () => {
    expect((await validated(web, { id_token_hint: 'x' }, { keys: [key] })).hintedUserId).toBeUndefined();
  });
});

describe('an app on its own machine', () => {
  it('listens at whatever port was free', async () => {
    const uri = 'http://127.0.0.1:51004/callback';
    expect((await validated(native, { redirect_uri: uri })).recipient.redirectUri).toBe(uri);
  });

  it('is posted no form where no web page listens', async () => {
    const privateUri = { redirect_uri: 'com.example.app:/callback' };
    expect((await refusalOf(validated(native, { ...privateUri, response_mode: 'form_post' }))).told).toMatchObject({
      responseMode: 'query',
    });
    await expect(validated(native, privateUri)).resolves.toBeDefined();
  });
});
