import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/auth/token.ts';
import { credentialUseStore } from '../../../functions/shared/credential-use.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { lastUseOf } from '../../../src/entities/credential-use.ts';
import { DependencyUnavailable } from '../../../src/entities/errors.ts';
import { newClientId } from '../../../src/entities/identifiers.ts';
import type { PublicJwk } from '../../../src/entities/integration.ts';
import { environment, functionNameVariable, metrics } from '../../../src/environment.ts';
import { keySetOf } from '../../../src/oauth/jwks.ts';
import { apiUrl, basicOf, credentialsOf, issuer, registered } from '../../src/oauth/authorization-server.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer, form, formOf } from './authorization-server.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const client = registered(['issues:read', 'users:read']);
const withKey = registered(['issues:read'], {
  tokenEndpointAuthMethod: 'private_key_jwt',
  secrets: [],
  jwks: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1' } as PublicJwk],
});
const authorization = basicOf(client.integration.clientId, client.secret);
const request = { grant_type: 'client_credentials' };
const call = callHandler(handler);
const ask = (sent: Parameters<typeof call>[1]) => call('POST /oauth2/token', sent);

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer(client, withKey);
  // The deployment's rows are read at the first request and then kept; each credential's hour is known after it.
  await ask(form(request, { Authorization: authorization }));
  await ask(await assertion());
});
beforeEach(() => void server.calls());
afterAll(() => server.close());

async function assertion(jti: string = randomUUID()) {
  const { clientId } = withKey.integration;
  const signed = await new SignJWT({ iss: clientId, sub: clientId, aud: issuer, jti })
    .setProtectedHeader({ alg: 'ES256', kid: 'key-1' })
    .setExpirationTime('1 minute')
    .sign(privateKey);
  return form({
    ...request,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed,
  });
}

describe('200', () => {
  it('a token that the published keys verify, which nobody keeps on its way', async () => {
    const answer = await ask(form(request, { Authorization: authorization }));
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'Cache-Control': 'no-store',
        Pragma: 'no-cache',
        'Content-Type': 'application/json',
        'Access-Control-Allow-Origin': '*',
      },
      body: { token_type: 'Bearer', expires_in: 3600, scope: 'issues:read users:read' },
    });
    const keys = createLocalJWKSet(JSON.parse(keySetOf([server.signingKey]).body));
    const verified = await jwtVerify(answer.body.access_token, keys, {
      algorithms: ['RS256'],
      issuer,
      audience: apiUrl,
      typ: 'at+jwt',
    });
    expect(verified.payload).toMatchObject({ sub: client.integration.clientId, cred: 'sec_1' });
  });

  it('costs one read and one signature', async () => {
    expect((await ask(formOf(client, request))).status).toBe(200);
    expect(server.calls()).toEqual(['BatchGetItem', 'Sign']);
  });

  it('by assertion costs one write besides', async () => {
    expect((await ask(await assertion())).status).toBe(200);
    expect(server.calls()).toEqual(['BatchGetItem', 'PutItem', 'Sign']);
  });

  it('is answered whatever the case of header names, and to a body in base64', async () => {
    const { body, headers } = form(request, {});
    const lower = { 'content-type': headers['Content-Type'] ?? '', authorization };
    expect((await ask({ body, headers: lower })).status).toBe(200);
  });
});

describe('400', () => {
  it.each<[string, object, string]>([
    [
      'another content type',
      { ...formOf(client, request), headers: { 'Content-Type': 'application/json' } },
      'invalid_request',
    ],
    ['no body', { headers: { Authorization: authorization } }, 'invalid_request'],
    ['a repeated parameter', { ...formOf(client, request), body: 'grant_type=a&grant_type=b' }, 'invalid_request'],
    ['a grant type that does not exist', formOf(client, { grant_type: 'magic' }), 'unsupported_grant_type'],
    ['a right that is not held', formOf(client, { ...request, scope: 'users:manage' }), 'invalid_scope'],
  ])('%s', async (_, sent, error) => {
    expect(await ask(sent)).toMatchObject({
      status: 400,
      headers: { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' },
      body: { error, error_description: expect.stringMatching(/^[ !#-[\]-~]+$/) },
    });
  });

  it('the parameters of the query, which is not read', async () => {
    const sent = { ...form({}, { Authorization: authorization }), query: request };
    expect(await ask(sent)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('401', () => {
  it('is one body, with the challenge where a header was sent, after one read and no signature', async () => {
    const { clientId } = client.integration;
    const unknown = `${clientId.slice(0, -1)}${clientId.endsWith('0') ? 1 : 0}`;
    const body = { error: 'invalid_client', error_description: 'Client authentication failed.' };
    for (const [id, secret] of [
      [clientId, 'wrong'],
      [unknown, client.secret],
      ['nobody', client.secret],
    ] as const) {
      server.calls();
      const inHeader = await ask(form(request, { Authorization: basicOf(id, secret) }));
      expect(inHeader).toMatchObject({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm="latchkey"' }, body });
      // The first refusal of a client in an hour is told of; whoever asks waits as long.
      const told = id === clientId ? ['GetItem', 'TransactWriteItems'] : [];
      expect(server.calls()).toEqual(['BatchGetItem', ...told]);
      const inBody = await ask(form({ ...request, client_id: id, client_secret: secret }));
      expect(inBody).toMatchObject({ status: 401, body });
      expect(inBody.headers).not.toHaveProperty('WWW-Authenticate');
    }
  });

  it('is told of once an hour for each client and network, never more often, and never of whom there is not', async () => {
    const other = registered(['issues:read']);
    const { tenant, clientId } = other.integration;
    await server.table.put(integrationItem(other.integration));
    const nobody = newClientId(tenant, randomBytes);
    for (const id of [clientId, clientId, nobody])
      expect((await ask(form({ ...request, client_id: id, client_secret: 'lks_typed' }))).status).toBe(401);
    const told = async (object: string) =>
      (await auditEventStore(server.table).list(tenant, { object }, { limit: 100 })).items;
    expect(await told(nobody)).toEqual([]);
    expect(await told(clientId)).toMatchObject([
      {
        action: 'client.refused',
        object: clientId,
        actor: 'anonymous',
        changes: { reason: 'credentials do not match' },
      },
    ]);
    expect(JSON.stringify(await told(clientId))).not.toContain('lks_typed');
  });

  it('an integration that was disabled or deleted since', async () => {
    const other = registered(['issues:read']);
    const item = integrationItem(other.integration);
    await server.table.put(item);
    expect((await ask(formOf(other, request))).status).toBe(200);
    await server.table.put(integrationItem({ ...other.integration, status: 'disabled' }));
    expect((await ask(formOf(other, request))).body).toMatchObject({ error: 'invalid_client' });
    await server.table.transact([{ delete: { pk: String(item.pk), sk: String(item.sk) } }]);
    expect((await ask(formOf(other, request))).body).toMatchObject({ error: 'invalid_client' });
  });

  it('nine of ten who use one assertion at the same time', async () => {
    const sent = await assertion();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(sent)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(401)]);
  });
});

describe('413', () => {
  it('a body over 64 kB', async () => {
    const sent = formOf(client, { ...request, padding: 'x'.repeat(65_536) });
    expect(await ask(sent)).toMatchObject({ status: 413, body: { error: 'invalid_request' } });
    const fitting = formOf(client, { ...request, padding: 'x'.repeat(60_000) });
    expect((await ask(fitting)).status).toBe(200);
  });
});

it('client_id and secret may come in either place', async () => {
  const inBody = form({ ...request, ...credentialsOf(client) });
  const beside = form({ ...request, client_id: client.integration.clientId }, { Authorization: authorization });
  expect([(await ask(inBody)).status, (await ask(beside)).status]).toEqual([200, 200]);
});

describe('the use of a credential', () => {
  const hour = 3_600_000;
  beforeAll(() => {
    process.env[environment.service] = 'auth/token';
    process.env[functionNameVariable] = 'token';
  });
  const later = (hours: number) => vi.useFakeTimers({ now: Date.now() + hours * hour, toFake: ['Date'] });
  const used = async ({ integration: { tenant, clientId } }: typeof client, credential: string) =>
    lastUseOf(await credentialUseStore().get(tenant, clientId), credential);
  const token = () => ask(form(request, { Authorization: authorization }));
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('is written beside the signature by its first token in an hour, and by no other', async () => {
    const first = await used(client, 'sec_1');
    later(1);
    await token();
    expect(server.calls().filter((name) => name === 'PutItem')).toHaveLength(1);
    await token();
    expect(server.calls()).toEqual(['BatchGetItem', 'Sign']);
    expect(Date.parse((await used(client, 'sec_1')) ?? '') - Date.parse(first ?? '')).toBe(hour);
    expect(await used(withKey, 'key-1')).toBe(first);
  });

  it('is not written by a request that does not authenticate', async () => {
    later(2);
    const { clientId } = client.integration;
    expect((await ask(form(request, { Authorization: basicOf(clientId, 'lks_wrong') }))).status).toBe(401);
    expect(server.calls()).not.toContain('PutItem');
  });

  it('that cannot be noted fails no token, and is counted', async () => {
    later(3);
    vi.spyOn(credentialUseStore(), 'note').mockRejectedValue(new DependencyUnavailable(new Error('down')));
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect((await token()).status).toBe(200);
    expect(written.mock.calls.join()).toContain(`"${metrics.unnotedUses}":1`);
  });

  it('that is not noted in time delays no token', async () => {
    later(4);
    vi.spyOn(credentialUseStore(), 'note').mockReturnValue(new Promise(() => {}));
    const before = performance.now();
    expect((await token()).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
