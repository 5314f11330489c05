import { differences } from './audit-event.ts';
import { InvalidInput } from './errors.ts';
import type { IdentityProvider } from './identity-provider.ts';

/** What an administrator may say of a provider besides its issuer. */
export type IdentityProviderSettings = Pick<
  IdentityProvider,
  'name' | 'clientId' | 'claimMapping' | 'allowedEmailDomains' | 'createUsers' | 'roles' | 'status'
>;

/**
 * A provider after a change; absent members stay.
 *
 * @throws InvalidInput where it would make a user of anybody whom the provider knows
 */
export function changedProvider(
  before: IdentityProvider,
  change: { readonly [Member in keyof IdentityProviderSettings]?: IdentityProviderSettings[Member] | undefined },
): IdentityProvider {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const after: IdentityProvider = { ...before, ...given };
  if (after.createUsers && after.allowedEmailDomains.length === 0)
    throw new InvalidInput([
      { pointer: '/allowed_email_domains', detail: 'must name at least one domain where create_users is true' },
    ]);
  return after;
}

const members = {
  name: 'name',
  client_id: 'clientId',
  claim_mapping: 'claimMapping',
  allowed_email_domains: 'allowedEmailDomains',
  create_users: 'createUsers',
  roles: 'roles',
  status: 'status',
} as const satisfies Readonly<Record<string, keyof IdentityProviderSettings>>;

/** What differs between two states of a provider, as the audit log is told: in the words of the API. */
export function changesOfProvider(before: IdentityProvider, after: IdentityProvider) {
  return differences(told(before), told(after));
}

function told(provider: IdentityProvider): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, provider[member]]));
}
