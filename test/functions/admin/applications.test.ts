import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newTenantId } from '../../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { asking, callApp as call, registration } from './application-calls.ts';
import { auditedIn, deployAdmin, newTenant, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());

let developer: AuthorizerContext;
beforeEach(async () => {
  developer = await newTenant(scene, 'applications:manage');
});

const register = (more: object = {}, by = developer) => call(by, 'POST /applications', registration(more));
const publish = (id: string, body: object, by = developer) => call(by, `PATCH /applications/${id}`, body);
const tenantIds = (count: number) => Array.from({ length: count }, () => newTenantId(randomBytes));
const image = 'data:image/png;base64,iVBORw0KGgo=';

describe('200, 201 and 204', () => {
  it('a developer registers an application, reads it, publishes versions and withdraws it', async () => {
    const created = await register({
      home_page: 'https://mirror.example/',
      logo: image,
      grant_types: ['client_credentials', 'authorization_code'],
      redirect_uris: ['https://mirror.example/callback'],
      endpoint: { uri: 'https://mirror.example/hook', verification: 'public_key' },
    });
    expect(created.status).toBe(201);
    const { app_id } = created.body;
    expect(created.headers.Location).toBe(`/admin/v1/applications/${app_id}`);
    expect(created.body).toEqual({
      app_id: expect.stringMatching(new RegExp(`^app_${developer.tenant.slice(4)}\\w{22}$`)),
      status: 'published',
      approval: 'none',
      tenants: [],
      name: 'Issue mirror',
      description: 'Copies issues to another place',
      logo: image,
      home_page: 'https://mirror.example/',
      grant_types: ['client_credentials', 'authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'web',
      redirect_uris: ['https://mirror.example/callback'],
      post_logout_redirect_uris: [],
      endpoint: { uri: 'https://mirror.example/hook', verification: 'public_key' },
      version: 1,
      published_at: expect.any(String),
      rights: [{ right: 'issues:read', reason: 'to copy them', since: 1 }],
      published_by: developer.subject,
      created_at: expect.any(String),
    });
    expect((await call(developer, `GET /applications/${app_id}`)).body).toEqual(created.body);

    const changed = await publish(app_id, { rights: asking('issues:read', 'users:read'), logo: null });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, rights: [{ since: 1 }, { since: 2 }] } });
    expect(changed.body).not.toHaveProperty('logo');
    const versions = (await call(developer, `GET /applications/${app_id}/versions`)).body.items;
    expect(versions.map(({ version, logo }: { version: number; logo?: string }) => [version, logo])).toEqual([
      [2, undefined],
      [1, image],
    ]);
    const summary = { app_id, name: 'Issue mirror', version: 2, status: 'published' };
    expect((await call(developer, 'GET /applications')).body.items).toMatchObject([summary]);

    expect((await call(developer, `DELETE /applications/${app_id}`)).status).toBe(204);
    expect((await call(developer, `DELETE /applications/${app_id}`)).status).toBe(204);
    expect((await call(developer, `GET /applications/${app_id}`)).body).toMatchObject({
      status: 'withdrawn',
      version: 2,
    });
    const told = (await auditedIn(scene, developer)).map(({ action }) => action);
    expect(told).toEqual(['application.withdrawn', 'application.version_published', 'application.registered']);
  });

  it('what is published once stays as it is; a right that was dropped and is asked for again counts from then on', async () => {
    const { app_id } = (await register({ rights: asking('issues:read', 'users:read') })).body;
    await publish(app_id, { rights: asking('issues:read') });
    const third = await publish(app_id, { rights: asking('issues:read', 'users:read') });
    expect(third.body.rights).toMatchObject([
      { right: 'issues:read', since: 1 },
      { right: 'users:read', since: 3 },
    ]);
    const asked = (await call(developer, `GET /applications/${app_id}/versions?limit=2`)).body;
    expect(asked.items.map(({ version }: { version: number }) => version)).toEqual([3, 2]);
    const rest = await call(developer, `GET /applications/${app_id}/versions?cursor=${asked.next_cursor}`);
    expect(rest.body.items).toMatchObject([{ version: 1, rights: asking('issues:read', 'users:read') }]);
  });

  it('whom it is offered to makes no version, nor does a change that changes nothing', async () => {
    const [one = '', other = ''] = tenantIds(2);
    const { app_id } = (await register({ tenants: [one] })).body;
    expect((await publish(app_id, { tenants: [other] })).body).toMatchObject({ version: 1, tenants: [other] });
    expect((await publish(app_id, { name: 'Issue mirror', tenants: [other] })).body.version).toBe(1);
    const [offered] = await auditedIn(scene, developer);
    expect(offered).toMatchObject({ action: 'application.offered', changes: { added: [other], removed: [one] } });
    expect((await auditedIn(scene, developer)).length).toBe(2);
  });

  it('tenants are named whether or not they exist, and nothing tells which do', async () => {
    const existing = await newTenant(scene, 'integrations:read');
    const named = [existing.tenant, ...tenantIds(1), 'ten_nobody', 'no-id-at-all'];
    const created = await register({ tenants: named });
    expect(created).toMatchObject({ status: 201, body: { tenants: named } });
    const { items } = (await call(developer, `GET /applications/${created.body.app_id}/connections`)).body;
    expect(items).toEqual([...named].sort().map((tenant) => ({ tenant, state: 'offered' })));
  });

  it('ten publications at once make one version each, in order, or say that others were faster', async () => {
    const { app_id } = (await register()).body;
    const names = Array.from({ length: 10 }, (_, index) => `Mirror ${index}`);
    const answers = await Promise.all(names.map((name) => publish(app_id, { name })));
    const made = answers.filter(({ status }) => status === 200).map(({ body }) => body.version);
    expect(answers.filter(({ status }) => status !== 200).every(({ status }) => status === 409)).toBe(true);
    expect(made.sort((one, other) => one - other)).toEqual(made.map((_, index) => index + 2));
    const { items } = (await call(developer, `GET /applications/${app_id}/versions`)).body;
    expect(items).toHaveLength(made.length + 1);
    expect(new Set(items.map(({ name }: { name: string }) => name)).size).toBe(items.length);
  });
});

describe('400', () => {
  const faulty = {
    'a name that is none of an integration': [{ name: 'Issue-mirror' }, '/name'],
    'a name of which nothing can be seen': [{ name: '\u{3164}' }, '/name'],
    'a right that is in no catalogue': [{ rights: asking('issues:rule') }, '/rights/0/right'],
    "the operator's own right": [{ rights: asking('tenants:manage') }, '/rights/0/right'],
    'a right without a reason': [{ rights: [{ right: 'issues:read', reason: ' ' }] }, '/rights/0/reason'],
    'a reason of 501 characters': [{ rights: [{ right: 'issues:read', reason: 'x'.repeat(501) }] }, '/rights/0/reason'],
    'a right twice': [{ rights: asking('issues:read', 'issues:read') }, '/rights'],
    'a flow that asks for passwords': [{ grant_types: ['password'] }, '/grant_types/0'],
    'a flow without its redirect URI': [{ grant_types: ['authorization_code'] }, '/redirect_uris'],
    'a redirect URI that is not https': [{ redirect_uris: ['http://mirror.example/'] }, '/redirect_uris/0'],
    'a home page that runs as a script': [{ home_page: 'javascript:alert(1)' }, '/home_page'],
    'a logo that is none': [{ logo: 'data:text/html,hello' }, '/logo'],
    'an endpoint inside': [
      { endpoint: { uri: 'https://169.254.169.254/', verification: 'public_key' } },
      '/endpoint/uri',
    ],
    'a tenant twice': [{ tenants: ['ten_1', 'ten_1'] }, '/tenants'],
    'more tenants than are named': [{ tenants: tenantIds(501) }, '/tenants'],
  } as const;
  it.each(Object.entries(faulty))('%s', async (_, [more, pointer]) => {
    const answer = await register(more);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    const { app_id } = (await register()).body;
    expect((await publish(app_id, more)).status).toBe(400);
    expect((await call(developer, `GET /applications/${app_id}`)).body.version).toBe(1);
  });
});

describe('404 and 409', () => {
  it("another tenant's application is not found, whatever is asked of it", async () => {
    const { app_id } = (await register()).body;
    const stranger = await newTenant(scene, 'applications:manage');
    for (const request of ['GET', 'DELETE', 'PATCH'])
      expect(
        (await call(stranger, `${request} /applications/${app_id}`, request === 'PATCH' ? {} : undefined)).status,
      ).toBe(404);
    for (const child of ['versions', 'connections'])
      expect((await call(stranger, `GET /applications/${app_id}/${child}`)).status).toBe(404);
    expect((await call(developer, 'GET /applications/app_none')).status).toBe(404);
    expect((await call(developer, `GET /applications/${app_id}`)).status).toBe(200);
  });

  it('what is withdrawn is changed no more', async () => {
    const { app_id } = (await register()).body;
    await call(developer, `DELETE /applications/${app_id}`);
    expect((await publish(app_id, { name: 'Again' })).status).toBe(409);
  });
});
