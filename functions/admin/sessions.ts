import type * as z from 'zod/mini';
import { sessions } from '../../src/adapters/dynamodb/session.ts';
import type { pageQuery } from '../../src/api/schemas/page.ts';
import { type sessionAnswer, sessionId } from '../../src/api/schemas/session.ts';
import { auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import { isCurrent, type Session } from '../../src/entities/session.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { endpoint } from '../shared/endpoint.ts';
import { existingUser, namedUser, ownUser, type UserOfTenant } from '../shared/own-user.ts';
import { pageOfAll } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const store = once(() => sessions(table()));

function sessionBody(session: Session, { sessionId: current }: AuthorizerContext): z.output<typeof sessionAnswer> {
  const { id, createdAt, expiresAt, userAgent, address, methods } = session;
  return {
    id,
    created_at: createdAt,
    expires_at: expiresAt,
    ...(userAgent !== undefined && { user_agent: userAgent }),
    ...(address !== undefined && { address }),
    methods: [...methods],
    current: id === current,
  };
}

/** The user's sessions that count, the latest first. */
async function list(
  whose: UserOfTenant,
  route: 'listSessions' | 'listSessionsOfUser',
  { query, caller }: { readonly query: z.output<typeof pageQuery>; readonly caller: AuthorizerContext },
) {
  const { tenant, userId } = whose;
  const [user, all] = await Promise.all([existingUser(whose), store().list(tenant, userId)]);
  const now = clock.now();
  const current = all
    .filter((session) => isCurrent(session, user, now))
    .sort((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt));
  const scope = { tenant, route, filters: { userId } };
  const shown = (session: Session) => sessionBody(session, caller);
  return { body: await pageOfAll(query, scope, current, ({ id }) => id, shown) };
}

async function end({ tenant, userId }: UserOfTenant, named: string, origin: Origin) {
  const id = pathValue(sessionId, named);
  const change = { tenant, action: 'session.ended', object: userId, changes: { session: id } };
  const event = auditEvent(change, origin, clock.now(), randomBytes);
  await decideAgain(() => store().end(tenant, userId, id, event));
  return {};
}

export const handler = endpoint({
  listSessions: (request) => list(ownUser(request.caller), 'listSessions', request),
  endSession: async ({ caller, path, origin }) => end(ownUser(caller), path.id, origin),
  listSessionsOfUser: async (request) =>
    list(namedUser(request.caller, request.path.user_id), 'listSessionsOfUser', request),
  endSessionOfUser: async ({ caller, path, origin }) => end(namedUser(caller, path.user_id), path.id, origin),
});
