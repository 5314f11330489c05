import Provider from 'oidc-provider';
import { audience, client, issuer, lifetimeSeconds, scope, tokenRequest } from './client.ts';
import { signingKey } from './es256.ts';
import { serve } from './serve.ts';

/** oidc-provider with its in-memory adapter, answering `client_credentials` with ES256 JWT access tokens. */
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
      scope,
    },
  ],
  jwks: {
    keys: [{ ...signingKey.privateKey.export({ format: 'jwk' }), kid: signingKey.kid, alg: 'ES256', use: 'sig' }],
  },
  scopes: scope.split(' '),
  routes: { token: tokenRequest.path },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: () => ({
        scope,
        audience,
        accessTokenTTL: lifetimeSeconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

serve(provider.callback());
