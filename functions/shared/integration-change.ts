import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { type AuditedChange, auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import { connectionOf, mustKeepToAccepted } from '../../src/entities/connection.ts';
import { credentialsChange } from '../../src/entities/credentials-change.ts';
import type { EndpointChange } from '../../src/entities/endpoint.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { tenantOfClientId } from '../../src/entities/identifiers.ts';
import type { Integration } from '../../src/entities/integration.ts';
import type { OutgoingEvent } from '../../src/entities/outgoing-event.ts';
import type { ProjectRightsChange } from '../../src/entities/project-rights.ts';
import { withoutSpent } from '../../src/entities/secret-rotation.ts';
import type { SshKeyChange } from '../../src/entities/ssh-key.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { developerEvents } from './connection-event.ts';
import { decideAgain } from './decide-again.ts';
import { rightNotices } from './right-notices.ts';
import { clock, randomBytes } from './services.ts';
import { table } from './table.ts';

export const integrations = once(() => integrationStore(table()));

/** Within whose tenant a change is made, and through which integration. */
export type Acting = Pick<AuthorizerContext, 'tenant' | 'clientId'>;

/**
 * A client id of the caller's tenant, whether or not there is such an integration; the token's own integration where
 * `self` stands in place of one.
 *
 * @throws NotFound where it is none: what is free text is not looked for, and never becomes part of a key
 */
export function clientIdOf({ clientId, tenant }: Acting, named: string): string {
  const wanted = named === 'self' ? clientId : named;
  if (tenantOfClientId(wanted) !== tenant) throw new NotFound();
  return wanted;
}

/**
 * An integration of the caller's tenant.
 *
 * @throws NotFound
 */
export async function existingIntegration(caller: Acting, named: string): Promise<Integration> {
  const found = await integrations().get(caller.tenant, clientIdOf(caller, named));
  if (found === undefined) throw new NotFound();
  return found;
}

/**
 * What a change comes to: the integration as it is to be, or `deleted`, and what the audit log is told. What becomes of
 * its rights is told without being named here.
 */
export interface Decision {
  readonly after: Integration | 'deleted';
  /** Absent where nothing but its rights changes. */
  readonly event?: Told;
  /** What the log is told of besides. */
  readonly warnings?: readonly Told[];
  /** Its rights in single projects, where they change too. */
  readonly projects?: readonly ProjectRightsChange[];
  /** An SSH key that is added or removed. */
  readonly sshKey?: SshKeyChange;
  /** Its endpoint, where that changes too. */
  readonly endpoint?: EndpointChange;
  /** What its endpoint is told. */
  readonly outgoing?: readonly OutgoingEvent[];
}

type Told = Pick<AuditedChange, 'action' | 'changes'>;

/**
 * Reads, decides, writes; decides again on a fresh read where somebody else wrote in between. Of a connection, its
 * application's developer is told, in the developer's own log.
 *
 * @param named a client id or `self`; or the integration, where it was read already
 * @param decide undefined: there is nothing to change; throws what refuses the change: nothing is written then
 * @returns the integration as it is now
 * @throws ConcurrentChange where others were faster every time; NotFound; Conflict for what a connection's application
 *   decides; what the store refuses
 */
export async function changeIntegration(
  caller: Acting,
  origin: Origin,
  named: string | Integration,
  decide: (before: Integration, now: number) => Decision | undefined | Promise<Decision | undefined>,
): Promise<Integration> {
  return decideAgain(async (attempt) => {
    const before = await freshly(caller, named, attempt);
    const now = clock.now();
    const decision = await decide(before, now);
    if (decision === undefined) return before;
    const eventOf = (told: Told) =>
      auditEvent({ tenant: before.tenant, object: before.clientId, ...told }, origin, now, randomBytes);
    const event = decision.event ? [eventOf(decision.event)] : [];
    const { after: wanted, endpoint, outgoing, projects, sshKey } = decision;
    if (wanted !== 'deleted') mustKeepToAccepted(before, wanted);
    const connection = wanted === 'deleted' ? undefined : connectionOf(wanted);
    const toDeveloper = developerEvents(connectionOf(before), connection, origin, now);
    const events = [...event, ...(decision.warnings ?? []).map(eventOf)];
    const along = { events, toDeveloper, endpoint, outgoing, projects, sshKey };
    if (wanted === 'deleted') {
      await integrations().delete(before, along);
      return before;
    }
    const after = { ...wanted, secrets: withoutSpent(wanted.secrets, now) };
    const noted = { ...after, ...credentialsChange(before, after, origin.actor, now) };
    const notices = rightNotices(before, noted, projects, now);
    await integrations().update(before, noted, {
      ...along,
      events: [...events, ...notices.events.map(eventOf)],
      outgoing: [...(outgoing ?? []), ...notices.outgoing],
    });
    return noted;
  });
}

function freshly(caller: Acting, named: string | Integration, attempt: number): Promise<Integration> {
  if (typeof named === 'string') return existingIntegration(caller, named);
  return attempt === 0 ? Promise.resolve(named) : existingIntegration(caller, named.clientId);
}
