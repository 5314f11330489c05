import type { webcrypto } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { call, createIntegration, freshName, tokenOf } from './client.ts';

describe.each(['oneOrigin', 'separateOrigins'] as const)('%s', (form) => {
  const outputs = inject(form);
  let admin: string;
  beforeAll(async () => {
    admin = await tokenOf(outputs, outputs.admin);
  });

  const discover = (clientId: string, authentication: client.ClientAuth) =>
    client.discovery(new URL(outputs.issuer), clientId, undefined, authentication, {
      execute: [client.allowInsecureRequests],
    });

  test.each([
    ['client_secret_basic', client.ClientSecretBasic],
    ['client_secret_post', client.ClientSecretPost],
  ])('openid-client discovers the issuer and completes client_credentials with %s', async (_, authenticate) => {
    const integration = await createIntegration(outputs, admin, ['issues:read']);
    const configuration = await discover(integration.client_id, authenticate(integration.client_secret));
    const tokens = await client.clientCredentialsGrant(configuration);
    expect(tokens.expires_in).toBe(3600);
    expect(tokens.scope).toBe('issues:read');
  });

  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
    'openid-client completes client_credentials with private_key_jwt and %s',
    async (algorithm) => {
      const keys = await generateKeys(algorithm);
      const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey);
      const created = await call('POST', `${outputs.admin_url}/integrations`, {
        token: admin,
        body: {
          name: freshName(),
          rights: ['issues:read'],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [{ ...withoutUsage(jwk), kid: 'first' }] },
        },
      });
      expect(created.status, created.text).toBe(201);
      expect(created.body.client_secret).toBeUndefined();
      const configuration = await discover(
        created.body.client_id,
        client.PrivateKeyJwt({ key: keys.privateKey, kid: 'first' }),
      );
      const tokens = await client.clientCredentialsGrant(configuration);
      expect(tokens.scope).toBe('issues:read');
    },
  );

  test('oauth4webapi validates the access token of RFC 9068 against the JWKS', async () => {
    const token = await tokenOf(outputs, await createIntegration(outputs, admin, ['issues:read']));
    const issuer = new URL(outputs.issuer);
    const response = await oauth
      .discoveryRequest(issuer, {
        algorithm: 'oauth2',
        [oauth.allowInsecureRequests]: true,
      })
      .catch(() => undefined);
    const server: oauth.AuthorizationServer = response?.ok
      ? await oauth.processDiscoveryResponse(issuer, response)
      : (await call('GET', `${outputs.issuer}/.well-known/oauth-authorization-server`)).body;
    const request = new Request(`${outputs.api_url}/issues`, { headers: { authorization: `Bearer ${token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, outputs.api_url, {
      [oauth.allowInsecureRequests]: true,
    });
    expect(claims).toMatchObject({ iss: outputs.issuer, aud: outputs.api_url, scope: 'issues:read' });
  });
});

function generateKeys(algorithm: string): Promise<webcrypto.CryptoKeyPair> {
  const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
  const parameters: Record<string, object> = {
    RS256: { name: 'RSASSA-PKCS1-v1_5', ...rsa },
    PS256: { name: 'RSA-PSS', ...rsa },
    ES256: { name: 'ECDSA', namedCurve: 'P-256' },
    EdDSA: { name: 'Ed25519' },
  };
  return crypto.subtle.generateKey(parameters[algorithm] as webcrypto.AlgorithmIdentifier, true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>;
}

/** WebCrypto says in a JWK what its own key may do; what a client registers does not. */
function withoutUsage({ key_ops: _, ext: __, ...jwk }: webcrypto.JsonWebKey): webcrypto.JsonWebKey {
  return jwk;
}
