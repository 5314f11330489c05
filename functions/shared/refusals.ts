import { auditEventStore } from '../../src/adapters/dynamodb/audit-event.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { Forbidden, MissingRights } from '../../src/entities/errors.ts';
import { once } from '../../src/once.ts';
import { endpoint, type Handlers, type RefusedRequest } from './endpoint.ts';
import { clock, randomBytes } from './services.ts';
import { table } from './table.ts';

const auditEvents = /* @__PURE__ */ once(() => auditEventStore(table()));

/** The Lambda handler of an entry whose rows say that their refusals are audited. */
export const auditedEndpoint = (handlers: Handlers) => endpoint(handlers, tellRefusal);

/**
 * Tells the audit log of a request that was refused for want of rights, or because nobody may make it: who asked for
 * what, and what was missing. Any other error is none of its business.
 *
 * For a request in several parts, each decided by itself, it is called with each part in the place of the body.
 *
 * @throws DependencyUnavailable where the log cannot be written: the answer is then that, and still nothing was changed
 */
export async function tellRefusal({ operation, refusals, request }: RefusedRequest, error: unknown): Promise<void> {
  const why = reasonOf(error);
  if (why === undefined || request.caller === undefined) return;
  const { tenant } = request.caller;
  const { object, ...named } = namesOf(request);
  const asked = { ...named, ...membersOf(request.body, refusals.asked) };
  const changes = { operation, ...(Object.keys(asked).length > 0 && { asked }), ...why };
  const event = { tenant, action: refusals.action, object: object ?? tenant, changes };
  await auditEvents().append(auditEvent(event, request.origin, clock.now(), randomBytes));
}

function reasonOf(error: unknown): Readonly<Record<string, unknown>> | undefined {
  if (error instanceof MissingRights) return { missing_rights: error.rights };
  return error instanceof Forbidden ? { reason: error.detail } : undefined;
}

/** What the event's keys may be made of. */
const idPattern = /^[A-Za-z0-9_-]{1,128}$/;

/** What the path names, as far as these are ids: first the object, with `self` put right, then what of it. */
function namesOf({ path, caller }: RefusedRequest['request']): Readonly<Record<string, string>> {
  const [first, ...others] = Object.entries(path as Readonly<Record<string, string>>).filter(([, value]) =>
    idPattern.test(value),
  );
  if (first === undefined) return {};
  return { object: first[1] === 'self' ? (caller?.clientId ?? '') : first[1], ...Object.fromEntries(others) };
}

/** In all, in characters of JSON: what is longer is not repeated. */
const longestAsked = 4096;

function membersOf(body: unknown, members: readonly string[]): Readonly<Record<string, unknown>> {
  const given = Object.entries(body ?? {}).filter(([name, value]) => members.includes(name) && value !== undefined);
  const asked = Object.fromEntries(given);
  return JSON.stringify(asked).length > longestAsked ? { members: Object.keys(asked) } : asked;
}
