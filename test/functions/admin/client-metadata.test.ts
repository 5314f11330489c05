import { afterEach, describe, expect, it } from 'vitest';
import { environment } from '../../../src/environment.ts';
import { integrationCalls, publicJwk, wanted } from './integration-calls.ts';
import { auditedIn, call } from './scene.ts';

const { scene, caller, callerWith, create, read, change, stored, audited } = integrationCalls();

afterEach(() => {
  delete process.env[environment.legacyGrants];
});

const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';
const redirectUri = 'https://app.example/callback';
/** A single-page app's. */
const publicApp = {
  ...wanted,
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'none',
};
/** A web application's, with a server. */
const webApp = { ...publicApp, token_endpoint_auth_method: 'client_secret_basic' };
const madeWith = async (body: object) => (await create(body)).body.client_id as string;

describe('an integration that acts for users', () => {
  it('is created with everything that its registration says, and answers it', async () => {
    const metadata = {
      grant_types: ['authorization_code', 'refresh_token', deviceCode, 'client_credentials'],
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback', 'com.example.app:/callback'],
      post_logout_redirect_uris: ['com.example.app:/signed-out'],
      backchannel_logout_uri: 'https://app.example/logout',
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
    };
    const created = await create({ ...wanted, ...metadata });
    expect(created).toMatchObject({ status: 201, body: { ...metadata, client_secret: expect.any(String) } });
    const { client_secret: _, ...details } = created.body;
    expect((await read(created.body.client_id)).body).toEqual(details);
  });

  it('without a way to authenticate has no secret, and what does not apply is not shown', async () => {
    scene().keys.calls();
    const created = await create(publicApp);
    expect(created.status).toBe(201);
    expect(Object.keys(created.body).sort()).toEqual([
      ...['access', 'application_type', 'client_id', 'created_at', 'grant_types', 'name', 'owner', 'redirect_uris'],
      ...['rights', 'status', 'token_endpoint_auth_method', 'token_request'],
    ]);
    expect(scene().keys.calls()).toEqual([]);
    expect((await stored(created.body.client_id))?.secrets).toEqual([]);
  });

  it('device codes and refresh tokens need no redirect URI', async () => {
    const { redirect_uris: _, ...rest } = publicApp;
    expect((await create({ ...rest, grant_types: [deviceCode, 'refresh_token'] })).status).toBe(201);
  });

  it.each([
    [
      publicApp,
      `-d grant_type=authorization_code -d 'code=<code>' -d 'redirect_uri=https%3A%2F%2Fapp.example%2Fcallback'`,
    ],
    [publicApp, `-d 'code_verifier=<code_verifier>' -d client_id=int_`],
    [webApp, ':<client_secret>'],
    [{ ...webApp, redirect_uris: ["https://app.example/o'clock"] }, 'app.example%2Fo%27clock'],
    [{ ...publicApp, grant_types: [deviceCode] }, `-d grant_type=${deviceCode} -d 'device_code=<device_code>'`],
    [{ ...webApp, grant_types: ['authorization_code', 'client_credentials'] }, 'grant_type=client_credentials'],
    [{ ...webApp, dpop_bound_access_tokens: true }, "-H 'DPoP: <proof>'"],
  ])('%j: the command shown is of what it can do', async (body, part) => {
    expect((await create(body)).body.token_request.curl).toContain(part);
  });
});

describe('400', () => {
  const redirectUris = Array.from({ length: 21 }, (_, index) => `${redirectUri}/${index}`);
  it.each([
    ['no redirect URI', { redirect_uris: undefined }, '/redirect_uris'],
    ['an empty list of them', { redirect_uris: [] }, '/redirect_uris'],
    ['one twice', { redirect_uris: [redirectUri, redirectUri] }, '/redirect_uris'],
    ['21 of them', { redirect_uris: redirectUris }, '/redirect_uris'],
    ['one with a fragment', { redirect_uris: [redirectUri, `${redirectUri}#part`] }, '/redirect_uris/1'],
    ['http', { redirect_uris: ['http://app.example/callback'] }, '/redirect_uris/0'],
    ['javascript', { redirect_uris: ['javascript:alert(1)'] }, '/redirect_uris/0'],
    ["a native app's for a web application", { redirect_uris: ['http://127.0.0.1/callback'] }, '/redirect_uris/0'],
    ['one that is too long', { redirect_uris: [`${redirectUri}/${'x'.repeat(1024)}`] }, '/redirect_uris/0'],
    [
      'a bad way back from signing out',
      { post_logout_redirect_uris: ['ftp://a.example/'] },
      '/post_logout_redirect_uris/0',
    ],
    ['a way to be told over http', { backchannel_logout_uri: 'http://app.example/logout' }, '/backchannel_logout_uri'],
    ['one with a fragment', { backchannel_logout_uri: 'https://app.example/logout#a' }, '/backchannel_logout_uri'],
    ['one to a private address', { backchannel_logout_uri: 'https://10.0.0.1/logout' }, '/backchannel_logout_uri'],
    ['one to this machine', { backchannel_logout_uri: 'https://localhost/logout' }, '/backchannel_logout_uri'],
    ['one to the metadata service', { backchannel_logout_uri: 'https://169.254.169.254/' }, '/backchannel_logout_uri'],
    ['none at all, which only a change can say', { backchannel_logout_uri: null }, '/backchannel_logout_uri'],
    ['refresh_token alone', { grant_types: ['refresh_token'] }, '/grant_types'],
    ['a grant type twice', { grant_types: ['authorization_code', 'authorization_code'] }, '/grant_types'],
    ['a grant type that does not exist', { grant_types: ['authorization_code', 'saml'] }, '/grant_types/1'],
    ['client_credentials without authentication', { grant_types: ['client_credentials'] }, '/grant_types'],
    ['what is the default without authentication', { grant_types: undefined }, '/grant_types'],
    ['keys without authentication', { jwks: { keys: [publicJwk()] } }, '/jwks'],
    ['another kind of application', { application_type: 'desktop' }, '/application_type'],
    ['a flag that is none', { dpop_bound_access_tokens: 'yes' }, '/dpop_bound_access_tokens'],
  ])('%s', async (_, members, pointer) => {
    const refused = await create({ ...publicApp, ...members });
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([{ pointer, detail: expect.any(String) }]);
    expect(await audited()).toEqual([]);
    expect((await create(publicApp)).status).toBe(201);
  });

  it('a change may not leave what does not go together, whichever of the two it names', async () => {
    const id = await madeWith(webApp);
    for (const [body, pointer] of [
      [{ redirect_uris: [] }, '/redirect_uris'],
      [{ grant_types: ['refresh_token'] }, '/grant_types'],
      [{ grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' }, '/grant_types'],
      [{ token_endpoint_auth_method: 'private_key_jwt' }, '/jwks'],
      [{ redirect_uris: ['com.example.app:/callback'] }, '/redirect_uris/0'],
    ] as const)
      expect(await change(id, body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    const native = await madeWith({
      ...webApp,
      name: 'Native',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/'],
    });
    const toWeb = await change(native, { application_type: 'web' });
    expect(toWeb).toMatchObject({ status: 400, body: { errors: [{ pointer: '/redirect_uris/0' }] } });
    expect((await change(native, { application_type: 'web', redirect_uris: [redirectUri] })).status).toBe(200);
  });
});

describe('changing how tokens are obtained', () => {
  it.each([
    { redirect_uris: ['https://other.example/'] },
    { post_logout_redirect_uris: ['https://other.example/'] },
    { backchannel_logout_uri: 'https://other.example/' },
    { backchannel_logout_uri: null },
    { grant_types: ['authorization_code'] },
    { application_type: 'native' },
    { token_endpoint_auth_method: 'none' },
    { dpop_bound_access_tokens: false },
    { require_pushed_authorization_requests: false },
  ])('%j is open to its owner and to who holds all that it has been granted', async (body) => {
    const id = await madeWith({
      ...webApp,
      backchannel_logout_uri: 'https://app.example/logout',
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
    });
    const before = await stored(id);
    const stranger = { ...callerWith('integrations:manage', 'issues:read'), subject: 'usr_stranger' };
    expect(await change(id, body, stranger)).toMatchObject({ status: 403, body: { missing_rights: ['users:read'] } });
    expect(await stored(id)).toEqual(before);
    expect((await change(id, { name: 'Renamed' }, stranger)).status).toBe(200);
    expect((await change(id, body, { ...stranger, rights: ['issues:write', 'users:read'] })).status).toBe(200);
  });

  it('is told to the log: what came, and what went', async () => {
    const id = await madeWith({ ...webApp, backchannel_logout_uri: 'https://app.example/logout' });
    await change(id, {
      redirect_uris: ['https://app.example/other'],
      backchannel_logout_uri: null,
      dpop_bound_access_tokens: true,
    });
    const [event] = await auditedIn(scene(), caller());
    expect(event).toMatchObject({
      action: 'integration.changed',
      changes: {
        redirect_uris: { added: ['https://app.example/other'], removed: [redirectUri] },
        backchannel_logout_uri: { from: 'https://app.example/logout' },
        dpop_bound_access_tokens: { from: false, to: true },
      },
    });
    expect((await read(id)).body).not.toHaveProperty('backchannel_logout_uri');
  });

  it('in another order of redirect URIs or grant types changes nobody’s access', async () => {
    const uris = [redirectUri, 'https://app.example/other'];
    const id = await madeWith({ ...webApp, redirect_uris: uris });
    const stranger = { ...callerWith('integrations:manage'), subject: 'usr_stranger' };
    const reordered = { redirect_uris: uris.toReversed(), grant_types: webApp.grant_types.toReversed() };
    expect((await change(id, reordered, stranger)).status).toBe(200);
  });

  it('to no authentication takes every credential with it; a secret added then is a conflict', async () => {
    const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk()] } };
    for (const [name, method] of [
      ['With a secret', {}],
      ['With a key', keys],
    ] as const) {
      const id = await madeWith({ ...webApp, name, ...method });
      expect((await change(id, { token_endpoint_auth_method: 'none' })).body).not.toHaveProperty('jwks');
      expect(await stored(id)).toMatchObject({ secrets: [], jwks: [] });
      expect((await call(caller(), `POST /integrations/${id}/secrets`, {})).status).toBe(409);
      expect((await change(id, { token_endpoint_auth_method: 'client_secret_basic' })).status).toBe(200);
      expect((await stored(id))?.secrets).toEqual([]);
    }
  });
});

describe('legacy grant types', () => {
  const legacy = { ...webApp, grant_types: ['authorization_code', 'implicit', 'password'] };
  const offer = (...names: readonly string[]) => {
    process.env[environment.legacyGrants] = names.join(',');
  };

  it('are refused where the deployment does not offer them, each by its place', async () => {
    expect(await create(legacy)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/grant_types/1' }, { pointer: '/grant_types/2' }] },
    });
    offer('implicit');
    expect(await create(legacy)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/grant_types/2' }] } });
    expect(await audited()).toEqual([]);
  });

  it('need users:manage besides, and warn the log in the same transaction', async () => {
    offer('password', 'implicit');
    const short = { ...callerWith('integrations:manage', 'issues:read', 'users:read') };
    expect(await create(legacy, short)).toMatchObject({ status: 403, body: { missing_rights: ['users:manage'] } });
    expect((await create(webApp, short)).status).toBe(201);
    scene().embedded.calls();
    const created = await create({ ...legacy, name: 'Legacy' });
    expect(created.status).toBe(201);
    expect(scene().embedded.calls()).toEqual({ TransactWriteItems: 1 });
    const warned = { action: 'integration.legacy_grant_enabled', object: created.body.client_id };
    const events = await auditedIn(scene(), caller());
    expect(events.filter(({ object }) => object === created.body.client_id)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...warned, changes: { severity: 'warning', grant_type: 'implicit' } }),
        expect.objectContaining({ ...warned, changes: { severity: 'warning', grant_type: 'password' } }),
        expect.objectContaining({ action: 'integration.created' }),
      ]),
    );
  });

  it('added by a change are held to the same; those that are there stay, whatever is offered by now', async () => {
    const id = await madeWith(webApp);
    const body = { grant_types: legacy.grant_types };
    expect((await change(id, body)).status).toBe(400);
    offer('password', 'implicit');
    expect((await change(id, body, callerWith('integrations:manage'))).status).toBe(403);
    expect((await change(id, body)).status).toBe(200);
    expect((await audited()).filter((action) => action === 'integration.legacy_grant_enabled')).toHaveLength(2);
    offer();
    expect(
      (await change(id, { grant_types: ['password', 'implicit'] }, callerWith('integrations:manage'))).status,
    ).toBe(200);
    expect((await change(id, { ...body, name: 'Renamed' })).status).toBe(200);
    expect((await audited()).filter((action) => action === 'integration.legacy_grant_enabled')).toHaveLength(2);
  });

  it('password is not for who cannot authenticate, and implicit alone has no request of a token to show', async () => {
    offer('password', 'implicit');
    const refused = await create({ ...publicApp, grant_types: ['password'] });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/grant_types' }] } });
    const implicit = await create({ ...publicApp, grant_types: ['implicit'] });
    expect(implicit.status).toBe(201);
    expect(implicit.body).not.toHaveProperty('token_request');
    const password = await create({ ...webApp, name: 'Password', grant_types: ['password'] });
    expect(password.body.token_request.curl).toContain(`-d 'username=<username>' -d 'password=<password>'`);
  });
});

describe('an integration that no longer obtains tokens for itself', () => {
  it('counts as a manager of its tenant no more', async () => {
    const manager = (name: string) => ({ ...webApp, name, rights: ['integrations:manage', 'users:manage'] });
    const id = await madeWith({ ...manager('First'), access: undefined, grant_types: ['client_credentials'] });
    // The tenant has another, which the count of a new tenant says.
    expect((await change(id, { grant_types: ['authorization_code'], redirect_uris: [redirectUri] })).status).toBe(200);
    const last = await madeWith({ ...manager('Second'), access: undefined, grant_types: ['authorization_code'] });
    expect((await change(last, { grant_types: ['client_credentials'] })).status).toBe(200);
    expect((await change(last, { grant_types: ['authorization_code'] })).status).toBe(200);
  });
});
