import { describe, expect, inject, test } from 'vitest';
import { call } from './client.ts';

describe.each(['oneOrigin', 'separateOrigins'] as const)('%s', (form) => {
  const outputs = inject(form);

  test('both discovery documents are the same and name only what works', async () => {
    const openid = await call('GET', `${outputs.issuer}/.well-known/openid-configuration`);
    const oauth = await call('GET', `${outputs.issuer}/.well-known/oauth-authorization-server`);
    expect(openid.status).toBe(200);
    expect(oauth.body).toEqual(openid.body);
    expect(openid.body).toMatchObject({
      issuer: outputs.issuer,
      token_endpoint: outputs.token_endpoint,
      jwks_uri: `${outputs.issuer}/.well-known/jwks.json`,
      introspection_endpoint: `${outputs.issuer}/oauth2/introspect`,
      revocation_endpoint: `${outputs.issuer}/oauth2/revoke`,
      authorization_endpoint: `${outputs.issuer}/oauth2/authorize`,
      pushed_authorization_request_endpoint: `${outputs.issuer}/oauth2/par`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      grant_types_supported: expect.arrayContaining(['client_credentials', 'authorization_code', 'refresh_token']),
    });
    expect([...openid.body.token_endpoint_auth_methods_supported].sort()).toEqual([
      'client_secret_basic',
      'client_secret_post',
      'none',
      'private_key_jwt',
    ]);
    expect(openid.body.scopes_supported).toContain('issues:read');
    expect(openid.body.scopes_supported).not.toContain('tenants:manage');
    expect(openid.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('the JWKS holds public keys only, may be cached, and answers 304 to its ETag', async () => {
    const url = `${outputs.issuer}/.well-known/jwks.json`;
    const jwks = await call('GET', url);
    expect(jwks.body.keys.length).toBeGreaterThan(0);
    for (const key of jwks.body.keys) {
      expect(key).toMatchObject({ use: 'sig', kid: expect.any(String), alg: expect.any(String) });
      expect(key.d).toBeUndefined();
    }
    expect(jwks.headers.get('cache-control')).toMatch(/max-age=\d+/);
    const etag = jwks.headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    expect((await call('GET', url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await call('GET', url, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test.each(['admin_url', 'api_url'] as const)('the resource metadata of %s names the issuer', async (member) => {
    const base = outputs[member].replace(/\/v1$/, '');
    const { status, body } = await call('GET', `${base}/.well-known/oauth-protected-resource`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      resource: outputs[member],
      authorization_servers: [outputs.issuer],
      bearer_methods_supported: ['header'],
    });
  });

  test('an unknown path or method is 404 in the form of its API', async () => {
    const problem = await call('GET', `${outputs.admin_url}/nothing`);
    expect(problem.status).toBe(404);
    expect(problem.headers.get('content-type')).toContain('application/problem+json');
    expect(problem.body).toMatchObject({ status: 404, title: expect.any(String), type: expect.any(String) });
    expect((await call('PUT', `${outputs.api_url}/issues`)).status).toBe(404);
    const oauth = await call('GET', `${outputs.issuer}/oauth2/nothing`);
    expect(oauth.status).toBe(404);
    expect(oauth.body.error).toEqual(expect.any(String));
  });
});

test('on one origin the metadata also stands at the root, where RFC 8414 §3.1 looks for it', async () => {
  const outputs = inject('oneOrigin');
  const origin = new URL(outputs.issuer).origin;
  const { status, body } = await call('GET', `${origin}/.well-known/oauth-authorization-server/auth`);
  expect(status).toBe(200);
  expect(body.issuer).toBe(outputs.issuer);
});

test('the OpenAPI description names the right of every operation', async () => {
  const outputs = inject('oneOrigin');
  const { status, body } = await call('GET', `${outputs.admin_url}/openapi.json`);
  expect(status).toBe(200);
  expect(body.openapi).toMatch(/^3\.1/);
  const create = Object.entries<Record<string, { 'x-right'?: string }>>(body.paths).find(([path]) =>
    /\/integrations$/.test(path),
  );
  expect(create?.[1].post?.['x-right']).toBe('integrations:manage');
});
