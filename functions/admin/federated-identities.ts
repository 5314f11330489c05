import { federatedIdentities } from '../../src/adapters/dynamodb/federated-identity.ts';
import { identityProviders } from '../../src/adapters/dynamodb/identity-provider.ts';
import { federatedIdentityBody, federatedIdentityId } from '../../src/api/schemas/identity-provider.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { InvalidInput, NotFound } from '../../src/entities/errors.ts';
import type { FederatedIdentity } from '../../src/entities/federated-identity.ts';
import type { User } from '../../src/entities/user.ts';
import { mustHoldAllOf } from '../../src/entities/user-change.ts';
import { linkEvent, newIdentity, staleLink } from '../../src/federation/arrived-user.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { endpoint } from '../shared/endpoint.ts';
import { locationOf } from '../shared/location.ts';
import { pageOfAll } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';
import { changerOf, existingUser, userStore } from '../shared/user-change.ts';

const links = once(() => federatedIdentities(table()));
const providers = once(() => identityProviders(table()));

/** Whoever gives or takes a way to sign in as somebody must hold all that they hold. */
async function userInReach(caller: AuthorizerContext, id: string): Promise<User> {
  const user = await existingUser(caller, id);
  mustHoldAllOf(user, changerOf(caller));
  return user;
}

async function existingLink(user: User, given: string): Promise<FederatedIdentity> {
  const id = pathValue(federatedIdentityId, given);
  const found = (await links().ofUser(user.tenant, user.id)).find((each) => each.id === id);
  if (found === undefined) throw new NotFound();
  return found;
}

export const handler = endpoint({
  linkFederatedIdentity: async ({ body, caller, origin, path }) => {
    const user = await userInReach(caller, path.user_id);
    const provider = await providers().get(caller.tenant, body.identity_provider);
    if (provider === undefined)
      throw new InvalidInput([{ pointer: '/identity_provider', detail: 'is not an identity provider' }]);
    const stale = await staleLink(provider, body.subject, { identities: links(), users: userStore() });
    const identity = newIdentity(provider, body.subject, user.id, { clock, randomBytes });
    await links().link(identity, stale, linkEvent(identity, origin, { clock, randomBytes }));
    return {
      body: federatedIdentityBody(identity),
      headers: { Location: locationOf('getFederatedIdentity', { user_id: user.id, id: identity.id }) },
    };
  },

  listFederatedIdentities: async ({ caller, path, query }) => {
    const { tenant, id } = await existingUser(caller, path.user_id);
    const scope = { tenant, route: 'listFederatedIdentities', filters: { user: id } };
    const all = await links().ofUser(tenant, id);
    return { body: await pageOfAll(query, scope, all, (link) => link.id, federatedIdentityBody) };
  },

  getFederatedIdentity: async ({ caller, path }) => ({
    body: federatedIdentityBody(await existingLink(await existingUser(caller, path.user_id), path.id)),
  }),

  unlinkFederatedIdentity: async ({ caller, origin, path }) => {
    const user = await userInReach(caller, path.user_id);
    const identity = await existingLink(user, path.id);
    const changes = { federated_identity: identity.id, identity_provider: identity.providerId };
    const change = { tenant: user.tenant, action: 'user.identity_unlinked', object: user.id, changes };
    await links().unlink(identity, auditEvent(change, origin, clock.now(), randomBytes));
    return {};
  },
});
