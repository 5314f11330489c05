import { describe, expect, it } from 'vitest';
import { authorizationServerRoutes } from '../../../src/api/routes/authorization-server.ts';
import { serverMetadata } from '../../../src/oauth/metadata.ts';
import { issuer, settings } from './authorization-server.ts';

const confidential = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const metadata = serverMetadata(settings);

describe('the metadata', () => {
  it('says what works and nothing else', () => {
    expect(metadata).toEqual({
      issuer,
      token_endpoint: `${issuer}/oauth2/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      introspection_endpoint: `${issuer}/oauth2/introspect`,
      revocation_endpoint: `${issuer}/oauth2/revoke`,
      scopes_supported: expect.arrayContaining([
        'openid',
        'profile',
        'email',
        'offline_access',
        'issues:read',
        'users:manage',
      ]),
      authorization_endpoint: `${issuer}/oauth2/authorize`,
      pushed_authorization_request_endpoint: `${issuer}/oauth2/par`,
      device_authorization_endpoint: `${issuer}/oauth2/device_authorization`,
      end_session_endpoint: `${issuer}/oauth2/logout`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      code_challenge_methods_supported: ['S256'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      authorization_response_iss_parameter_supported: true,
      claims_parameter_supported: false,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      grant_types_supported: expect.arrayContaining(['client_credentials', 'authorization_code', 'refresh_token']),
      token_endpoint_auth_methods_supported: [...confidential, 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      introspection_endpoint_auth_methods_supported: confidential,
      introspection_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      revocation_endpoint_auth_methods_supported: [...confidential, 'none'],
      revocation_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      authorization_details_types_supported: ['project'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      acr_values_supported: ['aal1', 'aal2'],
      userinfo_endpoint: `${issuer}/oauth2/userinfo`,
      claims_supported: [
        ...['sub', 'auth_time', 'amr', 'acr', 'sid'],
        ...['name', 'preferred_username', 'email', 'email_verified'],
      ],
    });
  });

  it('names what the stage chose, and only then', () => {
    expect(metadata).not.toHaveProperty('dpop_signing_alg_values_supported');
    expect(metadata.grant_types_supported).not.toContain('password');
    const more = serverMetadata({ ...settings, dpop: true, legacyGrants: ['password'] });
    expect(more.dpop_signing_alg_values_supported).toContain('ES256');
    expect(more.grant_types_supported).toContain('password');
    expect(more.response_types_supported).toEqual(['code']);
    const implicit = serverMetadata({ ...settings, legacyGrants: ['implicit'] });
    expect(implicit.grant_types_supported).toContain('implicit');
    expect(implicit.response_types_supported).toEqual(['code', 'token', 'id_token', 'id_token token']);
  });

  it("keeps the operator's rights to itself", () => {
    expect(metadata.scopes_supported).not.toContain('tenants:manage');
  });

  it('names only URLs that are routes', () => {
    const routes = Object.values(authorizationServerRoutes).map(({ path }) => issuer + path);
    for (const [name, value] of Object.entries(metadata))
      if (name.endsWith('_endpoint') || name.endsWith('_uri')) expect(routes).toContain(value);
  });
});
