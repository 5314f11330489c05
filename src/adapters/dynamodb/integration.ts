import * as z from 'zod/mini';
import { type Integration, machineOnly } from '../../entities/integration.ts';
import { nextWarning } from '../../entities/secret-warning.ts';
import { once } from '../../once.ts';
import { askedRights } from './application.ts';
import type { Item, Key } from './commands.ts';
import { storedEventTypes } from './endpoint.ts';
import { secretWarningEntry } from './secret-warning-entry.ts';
import { partitionKey } from './table.ts';

/** Where an integration lies: one item that holds its rights, its secrets and its keys besides. */
export function integrationKey(tenant: string, clientId: string): Key {
  return { pk: partitionKey('integration', tenant, clientId), sk: 'INTEGRATION' };
}

/** The item of an integration; its attributes are the entity's members. While a warning lies ahead the index has it. */
export function integrationItem(integration: Integration): Item {
  const { tenant, clientId } = integration;
  const at = nextWarning(integration);
  return {
    ...integrationKey(tenant, clientId),
    ...integration,
    ...(at !== undefined && secretWarningEntry({ tenant, clientId, at })),
  };
}

/** Requested rights by name, as an attribute. */
export const requestedRights = once(() =>
  z.record(
    z.string(),
    z.object({
      state: z.enum(['pending', 'granted', 'declined', 'revoked']),
      requestedBy: z.string(),
      requestedAt: z.optional(z.string()),
      acceptedVersion: z.optional(z.number()),
      decidedBy: z.optional(z.string()),
      decidedAt: z.optional(z.string()),
      comment: z.optional(z.string()),
    }),
  ),
);

const clientSecret = once(() =>
  z.object({
    id: z.string(),
    hash: z.string(),
    ciphertext: z.optional(z.string()),
    lastFour: z.string(),
    createdAt: z.string(),
    expiresAt: z.optional(z.string()),
    warnAt: z.optional(z.array(z.string())),
  }),
);

const credentialsTouched = once(() => z.object({ at: z.string(), by: z.string() }));

const stored = once(() =>
  z.object({
    tenant: z.string(),
    clientId: z.string(),
    name: z.string(),
    description: z.optional(z.string()),
    status: z.enum(['active', 'disabled']),
    owner: z.string(),
    grantTypes: z.array(z.string()),
    tokenEndpointAuthMethod: z.enum(['client_secret_basic', 'private_key_jwt', 'none']),
    jwks: z.array(z.looseObject({ kid: z.string(), kty: z.string() })),
    // Items that were written before these members existed are of integrations that act for themselves alone.
    applicationType: z._default(z.enum(['web', 'native']), machineOnly.applicationType),
    redirectUris: z._default(z.array(z.string()), []),
    postLogoutRedirectUris: z._default(z.array(z.string()), []),
    backchannelLogoutUri: z.optional(z.string()),
    dpopBoundAccessTokens: z._default(z.boolean(), machineOnly.dpopBoundAccessTokens),
    requirePushedAuthorizationRequests: z._default(z.boolean(), machineOnly.requirePushedAuthorizationRequests),
    removedKeys: z.optional(z.array(z.object({ kid: z.string(), until: z.string() }))),
    rights: requestedRights(),
    projectGrants: z.optional(
      z.object({ count: z.number(), listed: z.optional(z.record(z.string(), z.array(z.string()))) }),
    ),
    application: z.optional(
      z.object({
        id: z.string(),
        acceptedVersion: z.number(),
        rights: askedRights(),
        declinedVersion: z.optional(z.number()),
      }),
    ),
    endpoint: z.optional(z.object({ events: storedEventTypes() })),
    secrets: z.array(clientSecret()),
    sshKeys: z.optional(z.array(z.object({ id: z.string(), fingerprint: z.string() }))),
    credentialsChanged: z.optional(credentialsTouched()),
    credentialsSeen: z.optional(credentialsTouched()),
    tokenGeneration: z.number(),
    createdAt: z.string(),
    version: z.number(),
  }),
);

/** The integration of an item read from {@link integrationKey}. */
export function parseIntegration(item: Item): Integration {
  return z.parse(stored(), item);
}
