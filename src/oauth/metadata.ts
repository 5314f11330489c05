import { type Right, rights } from '../api/rights.ts';
import { authorizationDetailsType } from './authorization-details.ts';
import { clientAuthenticationMethods } from './client-authentication/index.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { grantsByType } from './grants/index.ts';

/**
 * The authorization server's metadata (RFC 8414 §2, OIDC Discovery §3): what works here and nothing else. What has a
 * default where it is absent is named even where it is empty.
 */
export function serverMetadata(issuer: string): Readonly<Record<string, unknown>> {
  return {
    issuer,
    token_endpoint: endpointUrl(issuer, 'token'),
    jwks_uri: endpointUrl(issuer, 'jwks'),
    introspection_endpoint: endpointUrl(issuer, 'introspect'),
    revocation_endpoint: endpointUrl(issuer, 'revoke'),
    scopes_supported: scopesSupported(),
    response_types_supported: [],
    grant_types_supported: [...grantsByType.keys()],
    ...clientAuthenticationAt('token'),
    ...clientAuthenticationAt('introspection'),
    ...clientAuthenticationAt('revocation'),
    authorization_details_types_supported: [authorizationDetailsType],
  };
}

/** The catalogue without what exists in the operator's tenant alone. */
function scopesSupported(): readonly string[] {
  return Object.entries<Right>(rights)
    .filter(([, { operatorOnly }]) => !operatorOnly)
    .map(([name]) => name);
}

function clientAuthenticationAt(endpoint: 'token' | 'introspection' | 'revocation') {
  const algorithms = new Set(clientAuthenticationMethods.flatMap(({ signingAlgorithms = [] }) => signingAlgorithms));
  return {
    [`${endpoint}_endpoint_auth_methods_supported`]: clientAuthenticationMethods.map(({ name }) => name),
    [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: [...algorithms],
  };
}
