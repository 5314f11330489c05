import { sessions } from '../../src/adapters/dynamodb/session.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { NotFound } from '../../src/entities/errors.ts';
import type { User } from '../../src/entities/user.ts';
import { once } from '../../src/once.ts';
import type { PageRequest } from './page-endpoint.ts';
import { clock, randomBytes } from './services.ts';
import { table } from './table.ts';

export const sessionStore = /* @__PURE__ */ once(() => sessions(table()));

/** Ends one of the user's own sessions: what hangs on it is dead. One that has ended meanwhile is none to end. */
export async function endOwnSession(
  { originOf }: Pick<PageRequest, 'originOf'>,
  { tenant, id: userId }: Pick<User, 'tenant' | 'id'>,
  sessionId: string,
): Promise<void> {
  const change = { tenant, action: 'session.ended', object: userId, changes: { session: sessionId } };
  const event = auditEvent(change, originOf(userId, sessionId), clock.now(), randomBytes);
  try {
    await sessionStore().end(tenant, userId, sessionId, event);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}
