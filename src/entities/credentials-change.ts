import { isDeepStrictEqual } from 'node:util';
import type { Integration } from './integration.ts';
import { accessOf } from './integration-settings.ts';

/**
 * Notes that the integration came, or may have come, into other hands: a secret or an SSH key was added, or it was
 * changed how tokens are obtained and where they are sent. Whoever decides on its rights is shown it, because who may do
 * this to an integration that holds nothing yet is anybody who manages integrations.
 *
 * @param by the token's user, else its client
 * @param now milliseconds since the epoch
 */
export function credentialsChange(
  before: Integration,
  after: Integration,
  by: string,
  now: number,
): Pick<Integration, 'credentialsChanged'> {
  const added = isAdded(before.secrets, after.secrets) || isAdded(before.sshKeys ?? [], after.sshKeys ?? []);
  if (!added && isDeepStrictEqual(accessOf(before), accessOf(after))) return {};
  return { credentialsChanged: { at: new Date(now).toISOString(), by } };
}

/**
 * Notes that somebody who does not own the integration was shown a secret of it, which works whatever it is granted from
 * now on. Who owns it has been given its secrets anyway.
 *
 * @param by the token's user, else its client
 * @param now milliseconds since the epoch
 */
export function credentialsSeen(
  { owner }: Pick<Integration, 'owner'>,
  by: string,
  now: number,
): Pick<Integration, 'credentialsSeen'> {
  return by === owner ? {} : { credentialsSeen: { at: new Date(now).toISOString(), by } };
}

function isAdded(before: readonly { readonly id: string }[], after: readonly { readonly id: string }[]): boolean {
  return after.some(({ id }) => !before.some((known) => known.id === id));
}
