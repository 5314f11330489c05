import {
  type AuditEvent,
  type AuditedChange,
  auditEvent,
  type Origin,
  originAt,
} from '../../src/entities/audit-event.ts';
import { type Connection, toldToDeveloper } from '../../src/entities/connection.ts';
import { tenantOfBoundId } from '../../src/entities/identifiers.ts';
import { randomBytes } from './services.ts';

/** What is told in one tenant's log of another's doing: who of them did it, and from where, is not said. */
function originOf(actor: string, { requestId, retentionDays }: Origin): Origin {
  return originAt({ requestId, address: '', retentionDays }, actor);
}

/**
 * The event for the log of the application's developer, who is told which tenant changed its connection, and no more.
 *
 * @param now milliseconds since the epoch
 */
export function developerEvents(
  before: Connection | undefined,
  after: Connection | undefined,
  origin: Origin,
  now: number,
): readonly AuditEvent[] {
  const { tenant: actor = '', applicationId: object = '' } = after ?? before ?? {};
  const tenant = tenantOfBoundId('app', object);
  const told = toldToDeveloper(before, after);
  if (tenant === undefined || told === undefined) return [];
  return [auditEvent({ tenant, object, ...told }, originOf(actor, origin), now, randomBytes)];
}

/** The event for a developer's log of what the platform operator decided on an application. */
export function operatorEvent(told: AuditedChange, origin: Origin, now: number): AuditEvent {
  return auditEvent(told, originOf('operator', origin), now, randomBytes);
}
