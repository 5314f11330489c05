import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/identity-providers.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { rightNames } from '../../../src/api/rights.ts';
import { environment } from '../../../src/environment.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { startUpstreamProvider, type UpstreamProvider } from '../../upstream-provider.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';
import { deployKeys, deploySecrets, type KeyManagement } from '../key-management.ts';

const send = callHandler(handler);

let embedded: EmbeddedTable;
let keys: KeyManagement;
let kept: Awaited<ReturnType<typeof deploySecrets>>;
let upstream: UpstreamProvider;
beforeAll(async () => {
  process.env[environment.loopbackFetch] = 'on';
  embedded = await deployTable();
  keys = await deployKeys();
  kept = await deploySecrets();
  upstream = await startUpstreamProvider();
});
afterAll(async () => {
  await Promise.all([upstream.close(), kept.close(), keys.close(), embedded.close()]);
});

const ofTenant = rightNames.filter((right) => right !== 'tenants:manage');
let caller: AuthorizerContext;
beforeEach(async () => {
  caller = newCaller(...ofTenant);
  await embedded.table.put(tenantItem({ tenant: caller.tenant, name: 'Tenant', operator: false, managers: 1 }));
  upstream.intercept = () => false;
});

const registration = () => ({
  name: 'Example ID',
  issuer: upstream.issuer,
  client_id: upstream.client.id,
  client_secret: upstream.client.secret,
});
const one = '/v1/identity-providers/{identity_provider}';
const create = (more: object = {}, by = caller) =>
  send('POST /v1/identity-providers', { caller: by, body: { ...registration(), ...more } });
const at = (identity_provider: string) => ({ path: { identity_provider } });
const read = (id: string, by = caller) => send(`GET ${one}`, { caller: by, ...at(id) });
const change = (id: string, body: object, by = caller) => send(`PATCH ${one}`, { caller: by, ...at(id), body });
const remove = (id: string, by = caller) => send(`DELETE ${one}`, { caller: by, ...at(id) });
const list = (by = caller) => send('GET /v1/identity-providers', { caller: by, query: {} });
const secretOf = async (id: string, tenant = caller.tenant) => {
  const SecretId = `Latchkey/identity-providers/${tenant}/${id}`;
  return ((await kept.secrets.call('GetSecretValue', { SecretId })) as { SecretString?: string }).SecretString;
};

describe('200, 201 and 204', () => {
  it('a provider is registered with its redirect URI, read, listed, changed and deleted', async () => {
    const created = await create();
    expect(created.status).toBe(201);
    const { id } = created.body;
    expect(created.headers.Location).toBe(`/admin/v1/identity-providers/${id}`);
    expect(created.body).toEqual({
      id: expect.stringMatching(new RegExp(`^idp_${caller.tenant.slice(4)}\\w{22}$`)),
      name: 'Example ID',
      issuer: upstream.issuer,
      client_id: upstream.client.id,
      redirect_uri: `https://one.example/auth/upstream/${id}/callback`,
      claim_mapping: { username: 'preferred_username', email: 'email', name: 'name' },
      allowed_email_domains: [],
      create_users: false,
      roles: ['member'],
      status: 'active',
      created_at: expect.any(String),
    });
    expect(await read(id)).toMatchObject({ status: 200, body: created.body });
    expect((await list()).body).toEqual({ items: [created.body] });
    const changed = await change(id, {
      name: 'Other',
      claim_mapping: { username: 'nickname' },
      allowed_email_domains: ['Example.COM'],
      create_users: true,
      roles: ['developer'],
      status: 'disabled',
    });
    expect(changed.body).toEqual({
      ...created.body,
      name: 'Other',
      claim_mapping: { username: 'nickname', email: 'email', name: 'name' },
      allowed_email_domains: ['example.com'],
      create_users: true,
      roles: ['developer'],
      status: 'disabled',
    });
    expect(await read(id)).toMatchObject({ body: changed.body });
    expect(await remove(id)).toMatchObject({ status: 204, body: undefined });
    expect((await list()).body).toEqual({ items: [] });
    expect((await read(id)).status).toBe(404);
    expect((await remove(id)).status).toBe(404);
  });

  it('the secret is in Secrets Manager alone, replaced there, and deleted with the provider', async () => {
    const { body } = await create();
    expect(await secretOf(body.id)).toBe(upstream.client.secret);
    const { items } = await embedded.table.query({ partition: `IDENTITY_PROVIDER#${caller.tenant}#` });
    expect(JSON.stringify(items)).not.toContain(upstream.client.secret);
    expect(JSON.stringify((await read(body.id)).body)).not.toContain('secret');
    await change(body.id, { client_secret: 'another' });
    expect(await secretOf(body.id)).toBe('another');
    await remove(body.id);
    await expect(secretOf(body.id)).rejects.toThrow("can't find");
  });

  it('a deletion that breaks off is taken up where it is asked for again', async () => {
    const { body } = await create();
    embedded.refuses = (operation) => operation === 'Query';
    expect((await remove(body.id)).status).toBe(503);
    expect((await read(body.id)).status).toBe(404);
    embedded.refuses = () => false;
    expect((await remove(body.id)).status).toBe(204);
    expect((await remove(body.id)).status).toBe(404);
  });

  it('what is done is told of in the audit log, without the secret', async () => {
    const { body } = await create();
    await change(body.id, { client_secret: 'another', name: 'Other' });
    await change(body.id, { name: 'Other' });
    const settings = { allowed_email_domains: ['example.com'], create_users: true, claim_mapping: { name: 'nick' } };
    await change(body.id, settings);
    await remove(body.id);
    const { items } = await auditEventStore(embedded.table).list(caller.tenant, { object: body.id }, { limit: 10 });
    expect(items).toMatchObject([
      { action: 'identity_provider.deleted', actor: caller.subject },
      {
        action: 'identity_provider.changed',
        changes: {
          allowed_email_domains: { from: [], to: settings.allowed_email_domains },
          create_users: { from: false, to: true },
          claim_mapping: { from: body.claim_mapping, to: { ...body.claim_mapping, name: 'nick' } },
        },
      },
      { action: 'identity_provider.changed', changes: { name: { to: 'Other' }, client_secret: 'replaced' } },
      { action: 'identity_provider.created', changes: { name: 'Example ID', issuer: upstream.issuer } },
    ]);
    expect(JSON.stringify(items)).not.toMatch(new RegExp(`another|${upstream.client.secret}`));
  });

  it('the operator registers with the rights that its administrators hold', async () => {
    expect((await create({}, { ...caller, ofOperator: true })).status).toBe(403);
    expect((await create({}, { ...caller, ofOperator: true, rights: rightNames })).status).toBe(201);
  });
});

describe('400', () => {
  it.each([
    [{ issuer: 'http://192.168.0.1' }, '/issuer'],
    [{ issuer: 'https://169.254.169.254' }, '/issuer'],
    [{ issuer: 'https://localhost.internal' }, '/issuer'],
    [{ issuer: 'ftp://provider.example' }, '/issuer'],
    [{ issuer: 'https://user@provider.example' }, '/issuer'],
    [{ issuer: 'https://provider.example?x' }, '/issuer'],
    [{ issuer: 'provider.example' }, '/issuer'],
    [{ client_id: '' }, '/client_id'],
    [{ client_secret: 'ends with a space ' }, '/client_secret'],
    [{ client_secret: undefined }, '/client_secret'],
    [{ roles: ['administrator'] }, '/roles/0'],
    [{ roles: [] }, '/roles'],
    [{ allowed_email_domains: ['*.example.com'] }, '/allowed_email_domains/0'],
    [{ allowed_email_domains: ['example.com', 'EXAMPLE.com'] }, '/allowed_email_domains'],
    [{ claim_mapping: { sub: 'sub' } }, '/claim_mapping/sub'],
    [{ name: ' ' }, '/name'],
    [{ scope: 'openid' }, '/scope'],
  ])('a registration with %j names %s', async (more, pointer) => {
    const { status, body } = await create(more);
    expect([status, body.errors?.map((fault: { pointer: string }) => fault.pointer)]).toEqual([400, [pointer]]);
  });

  it('users are made of no one without a domain that they are of', async () => {
    expect(await create({ create_users: true })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/allowed_email_domains' }] },
    });
    const { body } = await create({ create_users: true, allowed_email_domains: ['example.com'] });
    expect((await change(body.id, { allowed_email_domains: [] })).status).toBe(400);
    expect((await change(body.id, { allowed_email_domains: [], create_users: false })).status).toBe(200);
  });

  it('the issuer does not change', async () => {
    const { body } = await create();
    expect(await change(body.id, { issuer: 'https://other.example' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/issuer', detail: 'is unknown' }] },
    });
  });

  const serving = async (metadata: (issuer: string) => object, work: (issuer: string) => Promise<void>) => {
    const server = createServer((_, response) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(metadata(issuer)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await work(issuer).finally(() => server.close());
  };
  const fine = (issuer: string) => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
  });

  it('of two with metadata of their own, the one in order is taken', () =>
    serving(fine, async (issuer) => expect((await create({ issuer })).status).toBe(201)));

  it.each<[string, (issuer: string) => object]>([
    ['of another issuer', () => ({ issuer: 'https://other.example' })],
    ['of the same issuer written otherwise', (issuer) => ({ issuer: `${issuer}/` })],
    ['without keys', () => ({ jwks_uri: undefined })],
    ['without a token endpoint', () => ({ token_endpoint: undefined })],
    ['with a token endpoint that may not be fetched', () => ({ token_endpoint: 'https://169.254.169.254/' })],
    ['with keys that may not be fetched', () => ({ jwks_uri: 'http://10.0.0.1/jwks' })],
    ['with a userinfo endpoint that may not be fetched', () => ({ userinfo_endpoint: 'https://[fd00::1]/' })],
    ['that send browsers where no browser goes', () => ({ authorization_endpoint: 'javascript:alert(1)' })],
    ['without response_type code', () => ({ response_types_supported: ['id_token'] })],
    ['without a client authentication of ours', () => ({ token_endpoint_auth_methods_supported: ['private_key_jwt'] })],
  ])('a provider with metadata %s is not', (_, more) =>
    serving(
      (issuer) => ({ ...fine(issuer), ...more(issuer) }),
      async (issuer) => {
        const { status, body } = await create({ issuer });
        expect([status, body.errors?.[0]?.pointer]).toEqual([400, '/issuer']);
        expect((await list()).body.items).toEqual([]);
      },
    ),
  );

  it('nor is one that answers with a redirect, another status, or nothing like metadata', async () => {
    for (const [status, text] of [
      [302, ''],
      [404, '{}'],
      [200, 'hello'],
    ] as const) {
      upstream.intercept = (_, response) => {
        response.writeHead(status, { 'Content-Type': 'application/json', Location: '/elsewhere' }).end(text);
        return true;
      };
      expect((await create()).status).toBe(400);
    }
    upstream.intercept = () => false;
    expect((await create()).status).toBe(201);
  });

  it('nor one that does not listen', async () => {
    expect(await create({ issuer: 'http://127.0.0.1:1' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/issuer', detail: 'cannot be used: it cannot be reached' }] },
    });
  });
});

describe('403', () => {
  it.each(['audit:read', 'issues:write', 'integrations:manage'])(
    'without %s nobody is an administrator',
    async (right) => {
      const { body } = await create();
      const lacking = { ...caller, rights: caller.rights.filter((each) => each !== right) };
      for (const answer of [
        await create({}, lacking),
        await list(lacking),
        await read(body.id, lacking),
        await change(body.id, { name: 'Other' }, lacking),
        await remove(body.id, lacking),
      ])
        expect([answer.status, answer.body.missing_rights]).toEqual([403, [right]]);
      expect(await read(body.id)).toMatchObject({ body: { name: 'Example ID' } });
    },
  );
});

describe('404', () => {
  it('what is no id, is not there, or is of another tenant is not found', async () => {
    const { body } = await create();
    const other = newCaller(...ofTenant);
    await embedded.table.put(tenantItem({ tenant: other.tenant, name: 'Other', operator: false, managers: 1 }));
    for (const answer of [
      await read('idp_1'),
      await read(`${body.id.slice(0, -1)}!`),
      await read(body.id, other),
      await change(body.id, { name: 'Mine' }, other),
      await remove(body.id, other),
    ])
      expect(answer.status).toBe(404);
    expect(await read(body.id)).toMatchObject({ status: 200, body: { name: 'Example ID' } });
    expect(await secretOf(body.id)).toBe(upstream.client.secret);
  });
});
