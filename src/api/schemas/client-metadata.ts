import * as z from 'zod/mini';
import { grantTypes } from '../../entities/grant-type.ts';

/**
 * How an integration obtains tokens, in the words of client metadata (RFC 7591 §2). What the members may be together,
 * and which URIs are acceptable, is not decided here.
 */

const unique = z.refine<readonly string[]>((items) => new Set(items).size === items.length, 'must not name one twice');

const grantType = z.enum(grantTypes, `must be one of ${grantTypes.join(', ')}`);

const maximumUriLength = 1024;
const uri = z
  .string('must be a string')
  .check(z.maxLength(maximumUriLength, `must be of at most ${maximumUriLength} characters`));

const maximumUris = 20;
const uris = z
  .array(uri, 'must be a list of URIs')
  .check(z.maxLength(maximumUris, `must name at most ${maximumUris}`), unique, z.meta({ uniqueItems: true }));

const jwk = z.looseObject(
  { kty: z.enum(['RSA', 'EC', 'OKP'], 'must be RSA, EC or OKP') },
  'must be a public key (RFC 7517 §4)',
);
const jwks = z.strictObject(
  { keys: z.array(jwk, 'must be a list of keys').check(z.maxLength(5, 'must hold at most 5 keys')) },
  'must be a JWK Set (RFC 7517 §5)',
);

const tokenEndpointAuthMethods = ['client_secret_basic', 'private_key_jwt', 'none'] as const;
const applicationTypes = ['web', 'native'] as const;
const flag = z.boolean('must be true or false');

/** Members of a creation. */
export const clientMetadata = {
  grant_types: z.optional(
    z
      .array(grantType, 'must be a list of grant types')
      .check(z.minLength(1, 'must name at least one grant type'), unique, z.meta({ uniqueItems: true })),
  ),
  token_endpoint_auth_method: z.optional(
    z.enum(tokenEndpointAuthMethods, `must be one of ${tokenEndpointAuthMethods.join(', ')}`),
  ),
  jwks: z.optional(jwks),
  application_type: z.optional(z.enum(applicationTypes, `must be ${applicationTypes.join(' or ')}`)),
  redirect_uris: z.optional(uris),
  post_logout_redirect_uris: z.optional(uris),
  backchannel_logout_uri: z.optional(uri),
  dpop_bound_access_tokens: z.optional(flag),
  require_pushed_authorization_requests: z.optional(flag),
};

/** Members of a change: null takes the one away that has no empty form. */
export const clientMetadataChange = { ...clientMetadata, backchannel_logout_uri: z.optional(z.nullable(uri)) };

/** What is answered of them: what does not apply is absent, and flags that are not set are too. */
export const clientMetadataAnswer = {
  grant_types: z.array(z.string()),
  token_endpoint_auth_method: z.enum(tokenEndpointAuthMethods),
  jwks: z.optional(z.strictObject({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })),
  application_type: z.optional(z.enum(applicationTypes)),
  redirect_uris: z.optional(z.array(z.string())),
  post_logout_redirect_uris: z.optional(z.array(z.string())),
  backchannel_logout_uri: z.optional(z.string()),
  dpop_bound_access_tokens: z.optional(z.boolean()),
  require_pushed_authorization_requests: z.optional(z.boolean()),
};
