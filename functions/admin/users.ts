import { passwordLinks } from '../../src/adapters/dynamodb/password-link-store.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import { userBody } from '../../src/api/schemas/user.ts';
import { auditEvent, differences, type Origin } from '../../src/entities/audit-event.ts';
import { Forbidden } from '../../src/entities/errors.ts';
import { newUserId } from '../../src/entities/identifiers.ts';
import { newPasswordLink } from '../../src/entities/password-link.ts';
import { mustHold, type User } from '../../src/entities/user.ts';
import { changedUser, changesOfUser, mustHoldAllOf, type UserChange } from '../../src/entities/user-change.ts';
import { noCredentials, withoutSecondFactors } from '../../src/entities/user-credentials.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { clock, randomBytes, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';
import { changerOf, existingUser, userStore } from '../shared/user-change.ts';

const links = once(() => passwordLinks(table()));
const credentials = once(() => userCredentials(table()));

/** Where the page is that sets a password. */
const linkTo = (tenant: string, text: string) =>
  `${variable(environment.issuer)}/t/${tenant}/set-password?link=${text}`;

const told = (user: User, action: string, origin: Origin, changes?: Readonly<Record<string, unknown>>) =>
  auditEvent(
    { tenant: user.tenant, action, object: user.id, ...(changes && { changes }) },
    origin,
    clock.now(),
    randomBytes,
  );

export const handler = auditedEndpoint({
  createUser: async ({ caller, body, origin }) => {
    const { tenant } = caller;
    const { holds, rightsOf } = changerOf(caller);
    mustHold(rightsOf(body.roles), holds);
    const now = clock.now();
    const user: User = {
      tenant,
      id: newUserId(randomBytes),
      ...body,
      status: 'active',
      tokenGeneration: 0,
      version: 1,
      createdAt: new Date(now).toISOString(),
    };
    const { text, link } = newPasswordLink(user, now, randomBytes);
    const event = told(user, 'user.created', origin, { username: user.username, roles: user.roles });
    await userStore().create(user, event, link);
    return {
      body: { ...userBody(user), password_link: linkTo(tenant, text) },
      headers: { Location: locationOf('getUserOfTenant', { user_id: user.id }) },
    };
  },

  listUsersOfTenant: async ({ caller: { tenant }, query }) => ({
    body: await pageBody(
      query,
      { tenant, route: 'listUsersOfTenant' },
      (page) => userStore().list(tenant, page),
      userBody,
    ),
  }),

  getUserOfTenant: async ({ caller, path }) => ({ body: userBody(await existingUser(caller, path.user_id)) }),

  changeUser: ({ caller, path, body, origin }) =>
    decideAgain(async () => {
      const before = await existingUser(caller, path.user_id);
      const changer = changerOf(caller);
      const after = changedUser(before, body as UserChange, changer);
      const changes = differences({ ...before }, { ...changesOfUser(before, after) });
      if (Object.keys(changes).length > 0)
        await userStore().update(before, after, told(before, 'user.changed', origin, changes));
      return { body: userBody(after) };
    }),

  deleteUser: ({ caller, path, origin }) =>
    decideAgain(async () => {
      const user = await existingUser(caller, path.user_id);
      if (user.id === caller.subject) throw new Forbidden('Nobody deletes themself.');
      mustHoldAllOf(user, changerOf(caller));
      await userStore().delete(user, told(user, 'user.deleted', origin, { username: user.username }));
      return {};
    }),

  issuePasswordLink: async ({ caller, path, origin }) => {
    const user = await existingUser(caller, path.user_id);
    mustHoldAllOf(user, changerOf(caller));
    const { text, link } = newPasswordLink(user, clock.now(), randomBytes);
    await links().issue(link, told(user, 'user.password_link_issued', origin));
    return { body: { password_link: linkTo(user.tenant, text), expires_at: link.expiresAt } };
  },

  resetSecondFactor: ({ caller, path, origin }) =>
    decideAgain(async () => {
      const user = await existingUser(caller, path.user_id);
      mustHoldAllOf(user, changerOf(caller));
      const before = (await credentials().get(user.tenant, user.id)) ?? noCredentials(user.tenant, user.id);
      const removed = [...(before.totp ? ['totp'] : []), ...before.passkeys.map(() => 'passkey')];
      const event = told(user, 'user.second_factor_reset', origin, { removed });
      await credentials().update(before, withoutSecondFactors(before), event);
      return {};
    }),
});
