import { auditEvent, type Origin } from '../entities/audit-event.ts';
import { toldOfIntegration } from '../entities/endpoint.ts';
import { ConcurrentChange } from '../entities/errors.ts';
import type { ClientSecret, IntegrationStore } from '../entities/integration.ts';
import { outgoingEvent } from '../entities/outgoing-event.ts';
import { dueWarnings, type WarningDue, type WarningFinder } from '../entities/secret-warning.ts';
import type { Clock, RandomBytes } from '../ports.ts';

/** What warning of secrets works with. */
export interface SecretWarningPorts {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly warnings: WarningFinder;
  readonly integrations: Pick<IntegrationStore, 'get' | 'update'>;
}

/** How many integrations are looked at together. */
const pageSize = 20;

/** What one run came to. */
export interface WarningRun {
  /** Secrets that were warned of. */
  readonly warned: number;
  /** Integrations whose turn comes with the next run, because this one had no time left or could not write. */
  readonly left: readonly unknown[];
}

/**
 * Tells of each secret that is about to run out: in the audit log, and the integration's endpoint. That it was told is
 * written with what is told, under the version that it was decided on: of two runs at once one tells.
 *
 * @param until when the last page may begin, in milliseconds since the epoch
 * @returns how many were told of, and why others were not
 */
export async function warnOfExpiringSecrets(
  ports: SecretWarningPorts,
  origin: Origin,
  until: number,
): Promise<WarningRun> {
  let warned = 0;
  const left: unknown[] = [];
  let after: WarningDue | undefined;
  while (ports.clock.now() < until) {
    const due = await ports.warnings.due(ports.clock.now(), { limit: pageSize, after });
    after = due.at(-1);
    if (after === undefined) break;
    for (const run of await Promise.allSettled(due.map((one) => warn(one, origin, ports)))) {
      if (run.status === 'fulfilled') warned += run.value;
      // Somebody else changed the integration, or another run was faster: the next run looks again.
      else if (!(run.reason instanceof ConcurrentChange)) left.push(run.reason);
    }
  }
  return { warned, left };
}

/** @returns how many of its secrets were warned of */
async function warn({ tenant, clientId }: WarningDue, origin: Origin, ports: SecretWarningPorts): Promise<number> {
  const now = ports.clock.now();
  // What the index says may be old, and what was decided on it is conditional on what is stored.
  const before = await ports.integrations.get(tenant, clientId);
  if (before === undefined) return 0;
  const due = dueWarnings(before, now);
  if (due === undefined) return 0;
  await ports.integrations.update(before, due.after, {
    events: due.expiring.map((secret) =>
      auditEvent(
        { tenant, object: clientId, action: 'secret.expiring', changes: dataOf(secret) },
        origin,
        now,
        ports.randomBytes,
      ),
    ),
    outgoing: due.expiring
      .flatMap((secret) => toldOfIntegration(before, 'secret.expiring', dataOf(secret)))
      .map((change) => outgoingEvent(change, now, ports.randomBytes)),
  });
  return due.expiring.length;
}

const dataOf = ({ id, expiresAt }: ClientSecret) => ({ secret: id, expires_at: expiresAt });
