import type * as z from 'zod/mini';
import type { applicationChange, applicationCreation } from '../../src/api/schemas/application.ts';
import type { ApplicationSettings } from '../../src/entities/application.ts';
import type { ApplicationChange } from '../../src/entities/application-version.ts';
import { InvalidInput } from '../../src/entities/errors.ts';
import type { Caller } from '../../src/entities/requested-rights.ts';
import { acceptedMetadata } from './client-metadata.ts';
import { faultOfOutsideTarget } from './guarded-fetch.ts';

/** What a body says of an application; absent members are undefined. */
export function applicationChangeOf(body: z.output<typeof applicationChange>): ApplicationChange {
  return {
    name: body.name,
    description: body.description,
    logo: body.logo,
    homePage: body.home_page,
    grantTypes: body.grant_types,
    tokenEndpointAuthMethod: body.token_endpoint_auth_method,
    applicationType: body.application_type,
    redirectUris: body.redirect_uris,
    postLogoutRedirectUris: body.post_logout_redirect_uris,
    backchannelLogoutUri: body.backchannel_logout_uri,
    endpoint: body.endpoint,
    reasons: body.rights && Object.fromEntries(body.rights.map(({ right, reason }) => [right, reason])),
  };
}

/** What a registration gives, and what it leaves to us. */
export function newApplicationSettings(body: z.output<typeof applicationCreation>): ApplicationSettings {
  const { tenants: _, ...said } = body;
  const chosen = Object.entries(applicationChangeOf(said)).filter(([, value]) => value !== undefined);
  return {
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    applicationType: 'web',
    redirectUris: [],
    postLogoutRedirectUris: [],
    reasons: {},
    ...Object.fromEntries(chosen),
    name: body.name,
  };
}

/**
 * What this deployment does not accept of new settings is refused; what stays as it was is not looked at again.
 *
 * @throws InvalidInput
 */
export function mustBeAcceptable(
  before: ApplicationSettings | undefined,
  after: ApplicationSettings,
  caller: Caller,
): void {
  acceptedMetadata(before, after, caller);
  if (after.endpoint === undefined || after.endpoint.uri === before?.endpoint?.uri) return;
  const detail = faultOfOutsideTarget(after.endpoint.uri);
  if (detail !== undefined) throw new InvalidInput([{ pointer: '/endpoint/uri', detail }]);
}
