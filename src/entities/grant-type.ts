import { type Fault, InvalidInput, MissingRights } from './errors.ts';
import type { Integration } from './integration.ts';

/** The grant type of RFC 8628 §3.4. */
export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Flows that OAuth has given up (RFC 9700 §2.1.2, §2.4), for registered apps that still need them. */
const legacyGrantTypes = ['implicit', 'password'] as const;

export type LegacyGrantType = (typeof legacyGrantTypes)[number];

/** Every grant type that an integration can list. */
export const grantTypes = [
  'client_credentials',
  'authorization_code',
  'refresh_token',
  deviceCodeGrant,
  ...legacyGrantTypes,
] as const;

/** What the right to offer a legacy grant type is: it hands passwords or tokens of users to others. */
const rightToLegacy = 'users:manage';

const isLegacy = (grantType: string) => legacyGrantTypes.some((legacy) => legacy === grantType);

/**
 * The legacy grant types that a change adds; those that were there stay, whatever the deployment offers by now.
 *
 * @param offered the legacy grant types that the deployment offers
 * @throws InvalidInput where it does not offer one of them
 * @throws MissingRights where the caller may not decide how users' passwords and tokens travel
 */
export function addedLegacyGrants(
  before: readonly string[],
  after: readonly string[],
  offered: readonly string[],
  caller: { readonly holds: (right: string) => boolean },
): readonly string[] {
  const added = after.filter((grantType) => isLegacy(grantType) && !before.includes(grantType));
  const faults = added
    .filter((grantType) => !offered.includes(grantType))
    .map((grantType) => ({
      pointer: `/grant_types/${after.indexOf(grantType)}`,
      detail: 'is not offered by this deployment',
    }));
  if (faults.length > 0) throw new InvalidInput(faults);
  if (added.length > 0 && !caller.holds(rightToLegacy)) throw new MissingRights([rightToLegacy]);
  return added;
}

/** The grant types that need an authenticated client (RFC 6749 §4.4), or hand it passwords: no public client's. */
const confidentialOnly = ['client_credentials', 'password'];

/** What does not go together in how an integration obtains its tokens. */
export function grantFaults({
  grantTypes: listed,
  tokenEndpointAuthMethod,
  redirectUris,
  jwks,
}: Pick<Integration, 'grantTypes' | 'tokenEndpointAuthMethod' | 'redirectUris' | 'jwks'>): readonly Fault[] {
  const faults: Fault[] = [];
  if (listed.every((grantType) => grantType === 'refresh_token'))
    faults.push({ pointer: '/grant_types', detail: 'refresh_token needs another grant type that a token comes from' });
  const excluded = confidentialOnly.filter((grantType) => listed.includes(grantType));
  if (tokenEndpointAuthMethod === 'none' && excluded.length > 0)
    faults.push({
      pointer: '/grant_types',
      detail: `with token_endpoint_auth_method none, ${excluded.join(' and ')} cannot be had`,
    });
  if (redirectUris.length === 0 && (listed.includes('authorization_code') || listed.includes('implicit')))
    faults.push({ pointer: '/redirect_uris', detail: 'is required with authorization_code and implicit' });
  if (tokenEndpointAuthMethod === 'private_key_jwt' && jwks.length === 0)
    faults.push({ pointer: '/jwks', detail: 'is required with private_key_jwt' });
  if (tokenEndpointAuthMethod === 'none' && jwks.length > 0)
    faults.push({ pointer: '/jwks', detail: 'has no use with token_endpoint_auth_method none' });
  return faults;
}
