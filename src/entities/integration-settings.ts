import { isDeepStrictEqual } from 'node:util';
import { InvalidInput } from './errors.ts';
import {
  type ClientSecret,
  type Integration,
  machineOnly,
  type PublicJwk,
  type TokenEndpointAuthMethod,
} from './integration.ts';
import { foldedName } from './integration-name.ts';
import { removedKeys } from './public-key.ts';
import { type Caller, mustHoldItsRights, requestedRights } from './requested-rights.ts';
import { longestTokenLifetimeSeconds } from './token-lifetime.ts';

/** What people choose about an integration; its form was checked, what it may mean here is decided below. */
export interface IntegrationSettings {
  readonly name: string;
  readonly description?: string | undefined;
  /** The whole list of rights asked for in the global context. */
  readonly rights: readonly string[];
  readonly grantTypes: readonly string[];
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  readonly jwks: readonly PublicJwk[];
}

/** What the system gives a new integration. */
export interface NewIntegration {
  readonly clientId: string;
  /** One where it authenticates with a secret, none where with a key. */
  readonly secrets: readonly ClientSecret[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * A new integration, all its rights granted by its creator.
 *
 * @throws InvalidInput for a name of which nothing can be seen, MissingRights for rights that the caller does not hold
 */
export function createdIntegration(
  settings: IntegrationSettings,
  caller: Caller,
  { clientId, secrets, now }: NewIntegration,
): Integration {
  const at = new Date(now).toISOString();
  mustBeVisible(settings.name);
  return {
    tenant: caller.tenant,
    clientId,
    name: settings.name,
    ...(settings.description !== undefined && { description: settings.description }),
    status: 'active',
    owner: caller.subject,
    grantTypes: settings.grantTypes,
    tokenEndpointAuthMethod: settings.tokenEndpointAuthMethod,
    jwks: settings.jwks,
    ...machineOnly,
    rights: requestedRights({}, settings.rights, caller, at),
    secrets,
    tokenGeneration: 0,
    createdAt: at,
    version: 1,
  };
}

function mustBeVisible(name: string): void {
  if (foldedName(name) === '') throw new InvalidInput([{ pointer: '/name', detail: 'must show a letter or a digit' }]);
}

/**
 * The integration with the settings given, the others as they were. Changing how it authenticates or which grants it may
 * use is a way to its tokens, and open only to who may have them. Secrets go when it no longer authenticates with one.
 *
 * @param now milliseconds since the epoch
 * @throws InvalidInput, MissingRights, Conflict for a `kid` that is not free
 */
export function changedIntegration(
  before: Integration,
  change: Partial<IntegrationSettings>,
  caller: Caller,
  now: number,
): Integration {
  const { rights, ...given } = Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as Partial<IntegrationSettings>;
  if (given.name !== undefined) mustBeVisible(given.name);
  const after: Integration = { ...before, ...given };
  if (!isDeepStrictEqual(accessOf(after), accessOf(before))) mustHoldItsRights(caller, before);
  if (after.tokenEndpointAuthMethod === 'private_key_jwt' && after.jwks.length === 0)
    throw new InvalidInput([{ pointer: '/jwks', detail: 'is required with private_key_jwt' }]);
  return {
    ...after,
    ...(rights && { rights: requestedRights(before.rights, rights, caller, new Date(now).toISOString()) }),
    ...(after.tokenEndpointAuthMethod === 'private_key_jwt' && { secrets: [] }),
    ...keysRemovedBy(before, after, now),
  };
}

/** What decides on who can get a token as the integration. */
function accessOf({ grantTypes, tokenEndpointAuthMethod, jwks }: Integration) {
  return { grantTypes: [...grantTypes].sort(), tokenEndpointAuthMethod, jwks };
}

function keysRemovedBy(before: Integration, after: Integration, now: number): Pick<Integration, 'removedKeys'> {
  if (after.jwks === before.jwks) return {};
  const removed = removedKeys(before, after.jwks, {
    now: new Date(now).toISOString(),
    until: new Date(now + longestTokenLifetimeSeconds * 1000).toISOString(),
  });
  return removed.length === 0 && before.removedKeys === undefined ? {} : { removedKeys: removed };
}

/** What a change changed, for the audit log: names of members and, where they are no longer than that, their values. */
export function changesBetween(before: Integration, after: Integration): Readonly<Record<string, unknown>> {
  const changes: Record<string, unknown> = {};
  if (before.name !== after.name) changes.name = { from: before.name, to: after.name };
  if (before.description !== after.description) changes.description = 'changed';
  if (!isDeepStrictEqual(before.grantTypes, after.grantTypes))
    changes.grant_types = { from: before.grantTypes, to: after.grantTypes };
  if (before.tokenEndpointAuthMethod !== after.tokenEndpointAuthMethod)
    changes.token_endpoint_auth_method = { from: before.tokenEndpointAuthMethod, to: after.tokenEndpointAuthMethod };
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
