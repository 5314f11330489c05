import type * as z from 'zod/mini';
import { personalAccessTokens } from '../../src/adapters/dynamodb/personal-access-token-store.ts';
import type { pageQuery } from '../../src/api/schemas/page.ts';
import { personalAccessTokenId } from '../../src/api/schemas/personal-access-token.ts';
import { auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import { Conflict, NotFound } from '../../src/entities/errors.ts';
import { maximumPersonalAccessTokens, type PersonalAccessToken } from '../../src/entities/personal-access-token.ts';
import { isCurrent } from '../../src/entities/session.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { locationOf } from '../shared/location.ts';
import {
  heldByCaller,
  makePersonalAccessToken,
  makingFamily,
  mustBeWithinPolicy,
} from '../shared/new-personal-access-token.ts';
import { existingUser, namedUser, ownUser, type UserOfTenant } from '../shared/own-user.ts';
import { pageOfAll } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { personalAccessTokenBody } from '../shared/personal-access-token-body.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const store = once(() => personalAccessTokens(table()));

/** The user's tokens that count, the latest first. */
async function liveOf(whose: UserOfTenant): Promise<readonly PersonalAccessToken[]> {
  const [user, all] = await Promise.all([existingUser(whose), store().list(whose.tenant, whose.userId)]);
  const now = clock.now();
  return all
    .filter((token) => isCurrent(token, user, now))
    .sort((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt));
}

async function list(
  whose: UserOfTenant,
  route: 'listPersonalAccessTokens' | 'listPersonalAccessTokensOfUser',
  query: z.output<typeof pageQuery>,
) {
  const scope = { tenant: whose.tenant, route, filters: { userId: whose.userId } };
  return { body: await pageOfAll(query, scope, await liveOf(whose), ({ id }) => id, personalAccessTokenBody) };
}

/** @throws NotFound */
function named(tokens: readonly PersonalAccessToken[], id: string): PersonalAccessToken {
  const wanted = pathValue(personalAccessTokenId, id);
  const found = tokens.find((token) => token.id === wanted);
  if (found === undefined) throw new NotFound();
  return found;
}

async function revoke({ tenant, userId }: UserOfTenant, id: string, origin: Origin) {
  const token = named(await store().list(tenant, userId), id);
  const changes = { personal_access_token: token.id, name: token.name };
  const change = { tenant, action: 'personal_access_token.revoked', object: userId, changes };
  const event = auditEvent(change, origin, clock.now(), randomBytes);
  await decideAgain(() => store().revoke(token, event));
  return {};
}

export const handler = auditedEndpoint({
  createPersonalAccessToken: async ({ caller, body, origin }) => {
    const { tenant, userId } = ownUser(caller);
    const rights = heldByCaller(caller, body.rights);
    const [family, all] = await Promise.all([
      makingFamily(caller),
      store().list(tenant, userId),
      mustBeWithinPolicy(tenant, body.expires_in),
    ]);
    const now = clock.now();
    const live = all.filter((token) => isCurrent(token, { tokenGeneration: family.user.generation }, now));
    if (live.length >= maximumPersonalAccessTokens)
      throw new Conflict(`Nobody has more than ${maximumPersonalAccessTokens} personal access tokens: revoke one.`);
    const { plaintext, kept } = makePersonalAccessToken(
      family,
      { name: body.name, rights, expiresInSeconds: body.expires_in },
      now,
    );
    const changes = { personal_access_token: kept.id, name: kept.name, rights: body.rights, client_id: kept.clientId };
    const change = { tenant, action: 'personal_access_token.created', object: userId, changes };
    const event = auditEvent(change, origin, now, randomBytes);
    await decideAgain(() => store().create(kept, event));
    return {
      body: { ...personalAccessTokenBody(kept), token: plaintext },
      headers: { Location: locationOf('getPersonalAccessToken', { id: kept.id }) },
    };
  },

  listPersonalAccessTokens: async ({ caller, query }) => list(ownUser(caller), 'listPersonalAccessTokens', query),

  getPersonalAccessToken: async ({ caller, path }) => ({
    body: personalAccessTokenBody(named(await liveOf(ownUser(caller)), path.id)),
  }),

  revokePersonalAccessToken: async ({ caller, path, origin }) => revoke(ownUser(caller), path.id, origin),

  listPersonalAccessTokensOfUser: async ({ caller, path, query }) =>
    list(namedUser(caller, path.user_id), 'listPersonalAccessTokensOfUser', query),

  revokePersonalAccessTokenOfUser: async ({ caller, path, origin }) =>
    revoke(namedUser(caller, path.user_id), path.id, origin),
});
