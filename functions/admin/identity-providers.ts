import type * as z from 'zod/mini';
import { federatedIdentities } from '../../src/adapters/dynamodb/federated-identity.ts';
import { identityProviders } from '../../src/adapters/dynamodb/identity-provider.ts';
import {
  identityProviderBody,
  type identityProviderChange,
  identityProviderId,
} from '../../src/api/schemas/identity-provider.ts';
import { auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import { Conflict, NotFound } from '../../src/entities/errors.ts';
import { type IdentityProvider, newIdentityProviderId, standardClaims } from '../../src/entities/identity-provider.ts';
import { changedProvider, changesOfProvider } from '../../src/entities/identity-provider-settings.ts';
import { environment } from '../../src/environment.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { endpoint } from '../shared/endpoint.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { clock, randomBytes, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';
import { usableProvider } from '../shared/upstream-provider.ts';
import { keptUpstreamSecrets } from '../shared/upstream-secrets.ts';
import { mustBeAdministrator } from '../shared/user-change.ts';

const store = once(() => identityProviders(table()));
const links = once(() => federatedIdentities(table()));

/** Transactions of one call that take links away. */
const unlinkingsAtMost = 40;

async function existingProvider({ tenant }: AuthorizerContext, id: string): Promise<IdentityProvider> {
  const found = await store().get(tenant, pathValue(identityProviderId, id));
  if (found === undefined) throw new NotFound();
  return found;
}

const eventOf = (provider: IdentityProvider, action: string, origin: Origin, changes: Record<string, unknown>) =>
  auditEvent({ tenant: provider.tenant, action, object: provider.id, changes }, origin, clock.now(), randomBytes);

const bodyOf = (provider: IdentityProvider) => identityProviderBody(provider, variable(environment.issuer));

/** The settings that a body gives; absent members are undefined. */
const settingsOf = (body: z.output<typeof identityProviderChange>, { claimMapping }: IdentityProvider) => ({
  name: body.name,
  clientId: body.client_id,
  claimMapping: body.claim_mapping && {
    username: body.claim_mapping.username ?? claimMapping.username,
    email: body.claim_mapping.email ?? claimMapping.email,
    name: body.claim_mapping.name ?? claimMapping.name,
  },
  allowedEmailDomains: body.allowed_email_domains,
  createUsers: body.create_users,
  roles: body.roles,
  status: body.status,
});

export const handler = endpoint({
  createIdentityProvider: async ({ body, caller, origin }) => {
    mustBeAdministrator(caller);
    const { tenant } = caller;
    const bare: IdentityProvider = {
      tenant,
      id: newIdentityProviderId(tenant, randomBytes),
      name: body.name,
      issuer: body.issuer,
      clientId: body.client_id,
      claimMapping: standardClaims,
      allowedEmailDomains: [],
      createUsers: false,
      roles: ['member'],
      status: 'active',
      version: 1,
      createdAt: new Date(clock.now()).toISOString(),
    };
    const provider = changedProvider(bare, settingsOf(body, bare));
    await usableProvider(provider.issuer);
    // The secret first: a provider without one would be offered to people in vain.
    await keptUpstreamSecrets().create(provider, body.client_secret);
    const { name, issuer } = provider;
    await store().create(provider, eventOf(provider, 'identity_provider.created', origin, { name, issuer }));
    return {
      body: bodyOf(provider),
      headers: { Location: locationOf('getIdentityProvider', { identity_provider: provider.id }) },
    };
  },

  listIdentityProviders: async ({ caller, query }) => {
    mustBeAdministrator(caller);
    const { tenant } = caller;
    const list = (page: { readonly limit: number; readonly after?: string }) => store().list(tenant, page);
    return { body: await pageBody(query, { tenant, route: 'listIdentityProviders' }, list, bodyOf) };
  },

  getIdentityProvider: async ({ caller, path }) => {
    mustBeAdministrator(caller);
    return { body: bodyOf(await existingProvider(caller, path.identity_provider)) };
  },

  changeIdentityProvider: async ({ body, caller, origin, path }) => {
    mustBeAdministrator(caller);
    const before = await existingProvider(caller, path.identity_provider);
    const after = changedProvider(before, settingsOf(body, before));
    const changes = {
      ...changesOfProvider(before, after),
      ...(body.client_secret !== undefined && { client_secret: 'replaced' }),
    };
    // First the log, then the secret: none is replaced without a trace.
    if (Object.keys(changes).length > 0)
      await store().update(before, after, eventOf(before, 'identity_provider.changed', origin, changes));
    if (body.client_secret !== undefined) await keptUpstreamSecrets().replace(before, body.client_secret);
    return { body: bodyOf(after) };
  },

  deleteIdentityProvider: async ({ caller, origin, path }) => {
    mustBeAdministrator(caller);
    const { tenant } = caller;
    const id = pathValue(identityProviderId, path.identity_provider);
    const change = { tenant, action: 'identity_provider.deleted', object: id };
    await store().beginRemoval(tenant, id, auditEvent(change, origin, clock.now(), randomBytes));
    await keptUpstreamSecrets().delete({ tenant, id });
    let left = true;
    for (let count = 0; left && count < unlinkingsAtMost; count++) left = await links().unlinkSome(tenant, id);
    if (left) throw new Conflict('It is gone, and more users are linked to it than one call unlinks: delete it again.');
    await store().finishRemoval(tenant, id);
    return {};
  },
});
