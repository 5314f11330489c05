import type { AuditedChange } from '../../src/entities/audit-event.ts';
import type { Integration } from '../../src/entities/integration.ts';
import type { OutgoingEvent } from '../../src/entities/outgoing-event.ts';
import type { ProjectRightsChange } from '../../src/entities/project-rights.ts';
import { rightChanges, rightEvents, rightNews } from '../../src/entities/right-change.ts';
import { outgoingOf } from './outgoing.ts';

/** What is granted to a new integration is told with its creation; what waits besides, as whatever waits is told. */
export const whatWaits = (integration: Integration) =>
  rightEvents(rightChanges(undefined, integration).filter(({ to }) => to?.state === 'pending'));

/** What is told of a change of an integration's rights, however it came about. */
export interface RightNotices {
  readonly events: readonly Pick<AuditedChange, 'action' | 'changes'>[];
  readonly outgoing: readonly OutgoingEvent[];
}

/**
 * What the audit log and the integration's endpoint are told of what became of its rights.
 *
 * @param now milliseconds since the epoch
 */
export function rightNotices(
  before: Integration,
  after: Integration,
  projects: readonly ProjectRightsChange[] | undefined,
  now: number,
): RightNotices {
  const changes = rightChanges(before, after, projects);
  return {
    events: rightEvents(changes),
    outgoing: rightNews(changes).flatMap(({ type, data }) => outgoingOf(before, type, data, now)),
  };
}
