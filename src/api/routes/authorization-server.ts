import type { Route } from '../route.ts';

/**
 * The authorization server's rows of the route table: its endpoints authenticate their callers themselves. They stand
 * in a file of their own because the server names its endpoints' URLs, and needs no schema of the other APIs for it.
 */
export const authorizationServerRoutes = {
  openidConfiguration: {
    api: 'auth',
    method: 'GET',
    path: '/.well-known/openid-configuration',
    entry: 'auth/openid-configuration',
    right: 'none',
    summary: 'Authorization server metadata (OpenID Connect Discovery)',
    anyOrigin: true,
    status: 200,
    touches: {},
  },
  authorizationServerMetadata: {
    api: 'auth',
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    entry: 'auth/openid-configuration',
    right: 'none',
    summary: 'Authorization server metadata (RFC 8414)',
    anyOrigin: true,
    status: 200,
    touches: {},
  },
  // RFC 8414 §3.1 puts the well-known part before the issuer's path: a custom domain maps its base path `.well-known`
  // to this API.
  authorizationServerMetadataAtRoot: {
    api: 'auth',
    method: 'GET',
    path: '/oauth-authorization-server/auth',
    entry: 'auth/openid-configuration',
    right: 'none',
    summary: 'Authorization server metadata (RFC 8414 §3.1), reached through base path /.well-known',
    anyOrigin: true,
    status: 200,
    touches: {},
  },
  jwks: {
    api: 'auth',
    method: 'GET',
    path: '/.well-known/jwks.json',
    entry: 'auth/jwks',
    right: 'none',
    summary: 'Public keys that access tokens are verified with (RFC 7517)',
    anyOrigin: true,
    status: 200,
    touches: { deployment: ['Query'] },
  },
  token: {
    api: 'auth',
    method: 'POST',
    path: '/oauth2/token',
    entry: 'auth/token',
    right: 'none',
    summary: 'Issues a token (RFC 6749 §3.2)',
    anyOrigin: true,
    status: 200,
    touches: {
      deployment: ['Query', 'BatchGetItem'],
      integration: ['BatchGetItem'],
      'client-assertion': ['PutItem'],
    },
    keys: ['sign-token'],
  },
  introspect: {
    api: 'auth',
    method: 'POST',
    path: '/oauth2/introspect',
    entry: 'auth/introspect',
    right: 'none',
    summary: 'Tells whether a token is active (RFC 7662)',
    status: 200,
    touches: {
      deployment: ['Query', 'BatchGetItem'],
      integration: ['BatchGetItem'],
      'revoked-token': ['BatchGetItem'],
      'client-assertion': ['PutItem'],
    },
  },
  revoke: {
    api: 'auth',
    method: 'POST',
    path: '/oauth2/revoke',
    entry: 'auth/revoke',
    right: 'none',
    summary: 'Revokes a token (RFC 7009)',
    anyOrigin: true,
    status: 200,
    touches: {
      deployment: ['Query', 'BatchGetItem'],
      integration: ['BatchGetItem'],
      'revoked-token': ['PutItem'],
      'client-assertion': ['PutItem'],
    },
  },
} as const satisfies Record<string, Route>;
