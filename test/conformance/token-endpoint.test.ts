import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type Credentials, call, createIntegration, requestToken, tokenOf } from './client.ts';

const outputs = inject('oneOrigin');
let admin: string;
let integration: Credentials;

beforeAll(async () => {
  admin = await tokenOf(outputs, outputs.admin);
  integration = await createIntegration(outputs, admin, ['issues:read', 'issues:write', 'users:read']);
});

const basic = ({ client_id, client_secret }: Credentials) => ({
  authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
});
const post = (body: string | URLSearchParams, headers: Record<string, string> = {}) =>
  call('POST', outputs.token_endpoint, {
    body: body.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());

describe('200', () => {
  test('the token is a JWT of RFC 9068 with the claims of the contract', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { body } = await requestToken(outputs, integration);
    const header = headerOf(body.access_token);
    const claims = claimsOf(body.access_token);
    expect(header).toEqual({ typ: 'at+jwt', alg: 'RS256', kid: expect.stringMatching(/^[\w-]{43}$/) });
    expect(claims).toEqual({
      iss: outputs.issuer,
      sub: integration.client_id,
      aud: outputs.api_url,
      client_id: integration.client_id,
      iat: expect.any(Number),
      exp: claims.iat + 3600,
      jti: expect.stringMatching(/^\w{20,}$/),
      scope: body.scope,
      tenant: outputs.tenant,
      cred: expect.any(String),
    });
    expect(claims.iat).toBeGreaterThanOrEqual(before);
  });

  test('scope narrows the token to what it names, and a right held through another may be asked for', async () => {
    expect((await requestToken(outputs, integration, { scope: 'users:read' })).body.scope).toBe('users:read');
    const writer = await createIntegration(outputs, admin, ['issues:write']);
    expect((await requestToken(outputs, writer, { scope: 'issues:read' })).body.scope).toBe('issues:read');
  });

  test('resource selects the audience', async () => {
    const both = await createIntegration(outputs, admin, ['issues:read', 'integrations:read']);
    expect(claimsOf(await tokenOf(outputs, both)).aud.sort()).toEqual([outputs.admin_url, outputs.api_url].sort());
    const one = await requestToken(outputs, both, { resource: outputs.api_url });
    expect(claimsOf(one.body.access_token)).toMatchObject({ aud: outputs.api_url, scope: 'issues:read' });
    const { body } = await post(
      `grant_type=client_credentials&resource=${encodeURIComponent(outputs.api_url)}&resource=${encodeURIComponent(outputs.admin_url)}`,
      basic(both),
    );
    expect(claimsOf(body.access_token).aud.sort()).toEqual([outputs.admin_url, outputs.api_url].sort());
  });

  test('authorization_details narrow to a project, in the token and in the answer', async () => {
    const details = [{ type: 'project', identifier: 'PRJ', actions: ['issues:read'] }];
    const { status, body } = await requestToken(outputs, integration, {
      authorization_details: JSON.stringify(details),
    });
    expect(status).toBe(200);
    expect(body.authorization_details).toEqual(details);
    expect(claimsOf(body.access_token).authorization_details).toEqual(details);
    expect(claimsOf(body.access_token).scope ?? '').toBe('');
  });

  test('credentials in the body, a client_id beside Basic, unknown and empty parameters are accepted', async () => {
    const { client_id, client_secret } = integration;
    for (const reply of await Promise.all([
      post(new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret })),
      post(new URLSearchParams({ grant_type: 'client_credentials', client_id }), basic(integration)),
      post(new URLSearchParams({ grant_type: 'client_credentials', colour: 'red', scope: '' }), basic(integration)),
    ]))
      expect(reply.status, reply.text).toBe(200);
  });
});

describe('401', () => {
  test('unknown, wrong and malformed credentials all get the same answer', async () => {
    const { client_id, client_secret } = integration;
    const wrong = `${client_secret.slice(0, 10)}${client_secret[10] === 'A' ? 'B' : 'A'}${client_secret.slice(11)}`;
    const replies = await Promise.all([
      requestToken(outputs, { client_id, client_secret: wrong }),
      requestToken(outputs, { client_id, client_secret: 'x' }),
      requestToken(outputs, {
        client_id: `${client_id.slice(0, -1)}${client_id.endsWith('0') ? '1' : '0'}`,
        client_secret,
      }),
      requestToken(outputs, { client_id: 'nobody', client_secret }),
    ]);
    for (const reply of replies) {
      expect(reply.status).toBe(401);
      expect(reply.body).toEqual(replies[0]?.body);
      expect(reply.body.error).toBe('invalid_client');
      expect(reply.headers.get('cache-control')).toBe('no-store');
      expect(reply.headers.get('x-amzn-remapped-www-authenticate')).toBe('Basic realm="latchkey"');
    }
    const inBody = await post(
      new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret: wrong }),
    );
    expect(inBody.status).toBe(401);
    expect(inBody.body).toEqual(replies[0]?.body);
    expect(inBody.headers.get('x-amzn-remapped-www-authenticate')).toBeNull();
  });
});

describe('400', () => {
  const form = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();
  test.each<[string, string, string]>([
    ['a grant type that does not exist', form({ grant_type: 'magic' }), 'unsupported_grant_type'],
    ['no grant type', form({ scope: 'issues:read' }), 'invalid_request'],
    ['a repeated parameter', 'grant_type=client_credentials&scope=a&scope=b', 'invalid_request'],
    ['a right not held', form({ grant_type: 'client_credentials', scope: 'users:manage' }), 'invalid_scope'],
    ['an unknown right', form({ grant_type: 'client_credentials', scope: 'moon:land' }), 'invalid_scope'],
    [
      'an unknown resource',
      form({ grant_type: 'client_credentials', resource: 'https://x.example' }),
      'invalid_target',
    ],
    ['invalid percent-encoded UTF-8', 'grant_type=client_credentials&scope=%ff', 'invalid_request'],
    [
      'details of an unknown type',
      form({ grant_type: 'client_credentials', authorization_details: '[{"type":"x"}]' }),
      'invalid_authorization_details',
    ],
    [
      'details that are not JSON',
      form({ grant_type: 'client_credentials', authorization_details: '{' }),
      'invalid_authorization_details',
    ],
    [
      'details of a right not held',
      form({
        grant_type: 'client_credentials',
        authorization_details: JSON.stringify([{ type: 'project', identifier: 'PRJ', actions: ['boards:read'] }]),
      }),
      'invalid_authorization_details',
    ],
  ])('%s', async (_, body, error) => {
    const reply = await post(body, basic(integration));
    expect(reply.status, reply.text).toBe(400);
    expect(reply.body.error).toBe(error);
    expect(Object.keys(reply.body).sort()).toEqual(['error', 'error_description']);
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  test('two methods of client authentication in one request', async () => {
    const reply = await post(
      form({ grant_type: 'client_credentials', ...credentialsOf(integration) }),
      basic(integration),
    );
    expect(reply.body.error).toBe('invalid_request');
  });

  test('a client_id beside Basic that does not agree', async () => {
    const reply = await post(form({ grant_type: 'client_credentials', client_id: 'int_other' }), basic(integration));
    expect([400, 401]).toContain(reply.status);
  });

  test('parameters in the query, and a body that is not a form', async () => {
    const query = await call('POST', `${outputs.token_endpoint}?grant_type=client_credentials`, {
      headers: { ...basic(integration), 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    });
    expect(query.body.error).toBe('invalid_request');
    const json = await call('POST', outputs.token_endpoint, {
      headers: basic(integration),
      body: { grant_type: 'client_credentials' },
    });
    expect(json.status).toBe(400);
    expect(json.body.error).toBe('invalid_request');
  });

  test('holding nothing at all is invalid_scope', async () => {
    const bare = await createIntegration(outputs, admin, ['issues:read']);
    const changed = await call('PUT', `${outputs.admin_url}/integrations/${bare.client_id}/rights`, {
      token: admin,
      body: { rights: [] },
    });
    if (changed.status === 200) expect((await requestToken(outputs, bare)).body.error).toBe('invalid_scope');
    else expect(changed.status).toBe(400);
  });
});

describe('cross-origin', () => {
  test('the endpoint answers any origin, its refusals and preflights too', async () => {
    const headers = { origin: 'https://app.example', ...basic(integration) };
    expect((await post('grant_type=client_credentials', headers)).headers.get('access-control-allow-origin')).toBe('*');
    expect((await post('grant_type=x', headers)).headers.get('access-control-allow-origin')).toBe('*');
    const preflight = await call('OPTIONS', outputs.token_endpoint, {
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBeLessThan(300);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

function credentialsOf({ client_id, client_secret }: Credentials) {
  return { client_id, client_secret };
}
