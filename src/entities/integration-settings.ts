import { isDeepStrictEqual } from 'node:util';
import { InvalidInput } from './errors.ts';
import { grantFaults } from './grant-type.ts';
import type { ClientSecret, Integration } from './integration.ts';
import { foldedName } from './integration-name.ts';
import { removedKeys } from './public-key.ts';
import { type Caller, mustHoldItsRights, requestedRights } from './requested-rights.ts';
import { longestTokenLifetimeSeconds } from './token-lifetime.ts';

/** What people choose about an integration; its form was checked, what it may mean here is decided below. */
export interface IntegrationSettings
  extends Pick<
    Integration,
    | 'name'
    | 'grantTypes'
    | 'tokenEndpointAuthMethod'
    | 'jwks'
    | 'applicationType'
    | 'redirectUris'
    | 'postLogoutRedirectUris'
    | 'backchannelLogoutUri'
    | 'dpopBoundAccessTokens'
    | 'requirePushedAuthorizationRequests'
  > {
  readonly description?: string | undefined;
  /** The whole list of rights asked for in the global context. */
  readonly rights: readonly string[];
}

/** A change of them: absent members stay as they are, and `backchannelLogoutUri` goes where it is null. */
export type IntegrationSettingsChange = Partial<Omit<IntegrationSettings, 'backchannelLogoutUri'>> & {
  readonly backchannelLogoutUri?: string | null | undefined;
};

/** What the system gives a new integration. */
export interface NewIntegration {
  readonly clientId: string;
  /** One where it authenticates with a secret, none where with a key. */
  readonly secrets: readonly ClientSecret[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * A new integration, with the rights granted that its creator holds; the others wait for a decision.
 *
 * @throws InvalidInput for a name of which nothing can be seen and for settings that do not go together
 */
export function createdIntegration(
  settings: IntegrationSettings,
  caller: Caller,
  { clientId, secrets, now }: NewIntegration,
): Integration {
  const at = new Date(now).toISOString();
  mustBeVisible(settings.name);
  mustGoTogether(settings);
  const { description, ...chosen } = settings;
  return {
    tenant: caller.tenant,
    clientId,
    ...chosen,
    ...(description !== undefined && { description }),
    status: 'active',
    owner: caller.subject,
    rights: requestedRights({}, settings.rights, { caller, integration: { clientId }, at }),
    secrets,
    tokenGeneration: 0,
    createdAt: at,
    version: 1,
  };
}

function mustBeVisible(name: string): void {
  if (foldedName(name) === '') throw new InvalidInput([{ pointer: '/name', detail: 'must show a letter or a digit' }]);
}

function mustGoTogether(settings: Parameters<typeof grantFaults>[0]): void {
  const faults = grantFaults(settings);
  if (faults.length > 0) throw new InvalidInput(faults);
}

/**
 * The integration with the settings given, the others as they were. Changing how it authenticates, which grants it may
 * use or where browsers are sent with what it obtains is a way to its tokens, and open only to who may have them.
 * Secrets go when it no longer authenticates with one, and keys when it no longer authenticates at all.
 *
 * @param now milliseconds since the epoch
 * @throws InvalidInput, MissingRights, Conflict for a `kid` that is not free
 */
export function changedIntegration(
  before: Integration,
  change: IntegrationSettingsChange,
  caller: Caller,
  now: number,
): Integration {
  const { rights, backchannelLogoutUri, ...given } = Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as IntegrationSettingsChange;
  if (given.name !== undefined) mustBeVisible(given.name);
  const merged: Integration = {
    ...before,
    ...given,
    ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri: backchannelLogoutUri ?? undefined }),
  };
  const keysGo = merged.tokenEndpointAuthMethod === 'none' && given.jwks === undefined;
  const after = keysGo ? { ...merged, jwks: [] } : merged;
  if (!isDeepStrictEqual(accessOf(after), accessOf(before))) {
    mustHoldItsRights(caller, before);
    mustGoTogether(after);
  }
  return {
    ...after,
    ...(rights && {
      rights: requestedRights(before.rights, rights, {
        ...{ caller, integration: before, at: new Date(now).toISOString() },
      }),
    }),
    ...(after.tokenEndpointAuthMethod !== 'client_secret_basic' && { secrets: [] }),
    ...keysRemovedBy(before, after, now),
  };
}

/** What decides on who can get a token as the integration, or is told of its users; lists in no order. */
export function accessOf(integration: Integration) {
  return {
    grantTypes: [...integration.grantTypes].sort(),
    tokenEndpointAuthMethod: integration.tokenEndpointAuthMethod,
    jwks: integration.jwks,
    applicationType: integration.applicationType,
    redirectUris: [...integration.redirectUris].sort(),
    postLogoutRedirectUris: [...integration.postLogoutRedirectUris].sort(),
    backchannelLogoutUri: integration.backchannelLogoutUri,
    dpopBoundAccessTokens: integration.dpopBoundAccessTokens,
    requirePushedAuthorizationRequests: integration.requirePushedAuthorizationRequests,
  };
}

function keysRemovedBy(before: Integration, after: Integration, now: number): Pick<Integration, 'removedKeys'> {
  if (after.jwks === before.jwks) return {};
  const removed = removedKeys(before, after.jwks, {
    now: new Date(now).toISOString(),
    until: new Date(now + longestTokenLifetimeSeconds * 1000).toISOString(),
  });
  return removed.length === 0 && before.removedKeys === undefined ? {} : { removedKeys: removed };
}

const singleMembers = {
  token_endpoint_auth_method: 'tokenEndpointAuthMethod',
  application_type: 'applicationType',
  backchannel_logout_uri: 'backchannelLogoutUri',
  dpop_bound_access_tokens: 'dpopBoundAccessTokens',
  require_pushed_authorization_requests: 'requirePushedAuthorizationRequests',
} as const satisfies Record<string, keyof Integration>;

const listedUris = {
  redirect_uris: 'redirectUris',
  post_logout_redirect_uris: 'postLogoutRedirectUris',
} as const satisfies Record<string, keyof Integration>;

/** What a change changed, for the audit log: names of members and, where they are no longer than that, their values. */
export function changesBetween(before: Integration, after: Integration): Readonly<Record<string, unknown>> {
  const changes: Record<string, unknown> = {};
  if (before.name !== after.name) changes.name = { from: before.name, to: after.name };
  if (before.description !== after.description)
    changes.description = { from: before.description ?? null, to: after.description ?? null };
  if (!isDeepStrictEqual(before.grantTypes, after.grantTypes))
    changes.grant_types = { from: before.grantTypes, to: after.grantTypes };
  for (const [name, member] of Object.entries(singleMembers))
    if (before[member] !== after[member]) changes[name] = { from: before[member], to: after[member] };
  for (const [name, member] of Object.entries(listedUris))
    if (!isDeepStrictEqual(before[member], after[member])) changes[name] = difference(before[member], after[member]);
  if (!isDeepStrictEqual(before.jwks, after.jwks))
    changes.jwks = difference(
      before.jwks.map(({ kid }) => kid),
      after.jwks.map(({ kid }) => kid),
    );
  if (!isDeepStrictEqual(before.rights, after.rights))
    changes.rights = difference(Object.keys(before.rights), Object.keys(after.rights));
  return changes;
}

function difference(before: readonly string[], after: readonly string[]) {
  return {
    added: after.filter((item) => !before.includes(item)),
    removed: before.filter((item) => !after.includes(item)),
  };
}
