import { dpopAlgorithms } from '../api/dpop-algorithms.ts';
import { type Right, rights } from '../api/rights.ts';
import { idTokenAlgorithm } from '../entities/signing-key.ts';
import { authorizationMetadata } from './authorization/metadata.ts';
import { authorizationDetailsType } from './authorization-details.ts';
import { clientAuthenticationMethods } from './client-authentication/index.ts';
import type { ClientAuthenticationMethod } from './client-authentication/method.ts';
import { none } from './client-authentication/none.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { isOffered } from './grants/grant.ts';
import { grantsByType } from './grants/index.ts';
import { contextClasses, idTokenClaims } from './id-token.ts';
import { identityScopes } from './scope.ts';
import { userClaimNames } from './user-claims.ts';

/** What a deployment decides about the protocol that it speaks. */
export interface ServerSettings {
  readonly issuer: string;
  /** The legacy flows that the stage names: `implicit`, `password`. */
  readonly legacyGrants: readonly string[];
  /** Whether tokens bound to a key are issued and accepted (RFC 9449). */
  readonly dpop: boolean;
}

type Metadata = Readonly<Record<string, unknown>>;

/** What one part of the server says of itself; later ones say more of what earlier ones named. */
type Contribution = (settings: ServerSettings) => Metadata;

const contributions: readonly Contribution[] = [
  tokenEndpoint,
  authorizationMetadata,
  introspection,
  revocation,
  identity,
  devices,
  logout,
  possession,
];

/**
 * The authorization server's metadata (RFC 8414 §2, OIDC Discovery §3): what works here and nothing else. What has a
 * default where it is absent is named even where it is empty.
 */
export function serverMetadata(settings: ServerSettings): Metadata {
  return Object.assign({}, ...contributions.map((contribution) => contribution(settings)));
}

function tokenEndpoint(settings: ServerSettings): Metadata {
  const { issuer } = settings;
  const offered = [...grantsByType.values()].filter((grant) => isOffered(grant, settings));
  return {
    issuer,
    token_endpoint: endpointUrl(issuer, 'token'),
    jwks_uri: endpointUrl(issuer, 'jwks'),
    scopes_supported: [...identityScopes, ...rightsOfTenants()],
    // The implicit flow has a grant type, and nothing to bring to this endpoint.
    grant_types_supported: [
      ...offered.map(({ grantType }) => grantType),
      ...settings.legacyGrants.filter((grant) => grant === 'implicit'),
    ],
    ...clientAuthenticationAt('token', clientAuthenticationMethods),
    authorization_details_types_supported: [authorizationDetailsType],
  };
}

/** RFC 7662 §2.1: not for public clients, which prove nothing. */
function introspection({ issuer }: ServerSettings): Metadata {
  const methods = clientAuthenticationMethods.filter((method) => method !== none);
  return {
    introspection_endpoint: endpointUrl(issuer, 'introspect'),
    ...clientAuthenticationAt('introspection', methods),
  };
}

function revocation({ issuer }: ServerSettings): Metadata {
  return {
    revocation_endpoint: endpointUrl(issuer, 'revoke'),
    ...clientAuthenticationAt('revocation', clientAuthenticationMethods),
  };
}

/** RFC 8628 §4. */
function devices({ issuer }: ServerSettings): Metadata {
  return { device_authorization_endpoint: endpointUrl(issuer, 'deviceAuthorization') };
}

/** OIDC RP-Initiated Logout 1.0 §2.1, OIDC Back-Channel Logout 1.0 §2.1: each logout token names its session. */
function logout({ issuer }: ServerSettings): Metadata {
  return {
    end_session_endpoint: endpointUrl(issuer, 'logout'),
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  };
}

function identity({ issuer }: ServerSettings): Metadata {
  return {
    userinfo_endpoint: endpointUrl(issuer, 'userinfo'),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [idTokenAlgorithm],
    acr_values_supported: contextClasses,
    claims_supported: [...idTokenClaims, ...userClaimNames],
  };
}

/** RFC 9449 §5.1. */
function possession({ dpop }: ServerSettings): Metadata {
  return dpop ? { dpop_signing_alg_values_supported: dpopAlgorithms } : {};
}

/** The catalogue without what exists in the operator's tenant alone. */
function rightsOfTenants(): readonly string[] {
  return Object.entries<Right>(rights)
    .filter(([, { operatorOnly }]) => !operatorOnly)
    .map(([name]) => name);
}

function clientAuthenticationAt(
  endpoint: 'token' | 'introspection' | 'revocation',
  methods: readonly ClientAuthenticationMethod[],
): Metadata {
  const algorithms = new Set(methods.flatMap(({ signingAlgorithms = [] }) => signingAlgorithms));
  return {
    [`${endpoint}_endpoint_auth_methods_supported`]: methods.map(({ name }) => name),
    [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: [...algorithms],
  };
}
