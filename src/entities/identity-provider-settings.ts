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

/** What differs between two states of a provider, as the audit log is told. */
export function changesOfProvider(before: IdentityProvider, after: IdentityProvider): Record<string, unknown> {
  const members = Object.keys(after) as (keyof IdentityProvider)[];
  return Object.fromEntries(
    members
      .filter((member) => JSON.stringify(before[member]) !== JSON.stringify(after[member]))
      .map((member) => [member, after[member]]),
  );
}
