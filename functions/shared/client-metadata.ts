import type * as z from 'zod/mini';
import type { clientMetadataAnswer, clientMetadataChange } from '../../src/api/schemas/client-metadata.ts';
import { type Fault, InvalidInput } from '../../src/entities/errors.ts';
import { addedLegacyGrants } from '../../src/entities/grant-type.ts';
import { type Integration, machineOnly } from '../../src/entities/integration.ts';
import type { IntegrationSettingsChange } from '../../src/entities/integration-settings.ts';
import { acceptedKeys } from '../../src/entities/public-key.ts';
import type { Caller } from '../../src/entities/requested-rights.ts';
import { environment } from '../../src/environment.ts';
import { faultOfRedirectUri } from '../../src/oauth/redirect-uri.ts';
import { faultOfOutsideTarget } from './guarded-fetch.ts';
import { optionalVariable } from './services.ts';

type Members<Shape extends z.core.$ZodShape> = z.output<z.ZodMiniObject<Shape>>;

/** The settings that a body gives in the words of client metadata; absent members are undefined. */
export function metadataSettings(body: Members<typeof clientMetadataChange>): IntegrationSettingsChange {
  return {
    grantTypes: body.grant_types,
    tokenEndpointAuthMethod: body.token_endpoint_auth_method,
    jwks: body.jwks && acceptedKeys(body.jwks.keys, '/jwks/keys'),
    applicationType: body.application_type,
    redirectUris: body.redirect_uris,
    postLogoutRedirectUris: body.post_logout_redirect_uris,
    backchannelLogoutUri: body.backchannel_logout_uri,
    dpopBoundAccessTokens: body.dpop_bound_access_tokens,
    requirePushedAuthorizationRequests: body.require_pushed_authorization_requests,
  } as IntegrationSettingsChange;
}

type Metadata = Pick<
  Integration,
  'grantTypes' | 'applicationType' | 'redirectUris' | 'postLogoutRedirectUris' | 'backchannelLogoutUri'
>;

/**
 * What this deployment does not accept of new metadata is refused; what stays as it was is not looked at again.
 *
 * @returns the legacy grant types that come with it, of which the audit log is warned
 * @throws InvalidInput, MissingRights
 */
export function acceptedMetadata(before: Metadata | undefined, after: Metadata, caller: Caller): readonly string[] {
  const faults = [
    ...uriFaults(before, after, 'redirectUris', '/redirect_uris'),
    ...uriFaults(before, after, 'postLogoutRedirectUris', '/post_logout_redirect_uris'),
    ...logoutFaults(before, after),
  ];
  if (faults.length > 0) throw new InvalidInput(faults);
  const offered = optionalVariable(environment.legacyGrants)?.split(',') ?? [];
  return addedLegacyGrants(before?.grantTypes ?? [], after.grantTypes, offered, caller);
}

/** Which URIs are acceptable hangs on the application's type: of another one, all of them are looked at. */
function uriFaults(
  before: Metadata | undefined,
  after: Metadata,
  member: 'redirectUris' | 'postLogoutRedirectUris',
  pointer: string,
): Fault[] {
  const known = before?.applicationType === after.applicationType ? before[member] : [];
  return after[member].flatMap((uri, index) => {
    const detail = known.includes(uri) ? undefined : faultOfRedirectUri(uri, after.applicationType);
    return detail === undefined ? [] : [{ pointer: `${pointer}/${index}`, detail }];
  });
}

function logoutFaults(before: Metadata | undefined, { backchannelLogoutUri }: Metadata): Fault[] {
  if (backchannelLogoutUri === undefined || backchannelLogoutUri === before?.backchannelLogoutUri) return [];
  const detail = faultOfOutsideTarget(backchannelLogoutUri);
  return detail === undefined ? [] : [{ pointer: '/backchannel_logout_uri', detail }];
}

/** The metadata as it is answered: what applies. */
export function metadataBody(integration: Integration): Members<typeof clientMetadataAnswer> {
  const { applicationType, redirectUris, postLogoutRedirectUris, backchannelLogoutUri, jwks } = integration;
  return {
    grant_types: [...integration.grantTypes],
    token_endpoint_auth_method: integration.tokenEndpointAuthMethod,
    ...(jwks.length > 0 && { jwks: { keys: [...jwks] } }),
    ...((redirectUris.length > 0 || applicationType !== machineOnly.applicationType) && {
      application_type: applicationType,
    }),
    ...(redirectUris.length > 0 && { redirect_uris: [...redirectUris] }),
    ...(postLogoutRedirectUris.length > 0 && { post_logout_redirect_uris: [...postLogoutRedirectUris] }),
    ...(backchannelLogoutUri !== undefined && { backchannel_logout_uri: backchannelLogoutUri }),
    ...(integration.dpopBoundAccessTokens && { dpop_bound_access_tokens: true }),
    ...(integration.requirePushedAuthorizationRequests && { require_pushed_authorization_requests: true }),
  };
}
