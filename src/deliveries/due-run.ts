import { type QueueRunPorts, runQueue } from './queue-run.ts';

/** Endpoints that are told at the same time: one that is slow holds up nobody but itself. */
const atOnce = 20;

/**
 * Sends what is due to all endpoints, the longest due first, as long as there is something and there is time.
 *
 * @param until milliseconds since the epoch; nothing is begun after it
 * @throws the first fault of ours, once the others were served
 */
export async function runDue(ports: QueueRunPorts, until: number): Promise<void> {
  while (ports.clock.now() < until) {
    const due = await ports.deliveries.due(ports.clock.now(), atOnce * 5);
    // What others took, or the index shows later than it was taken, is theirs.
    if (!(await runQueues(due, ports, { until, eager: false }))) return;
  }
}

/**
 * Works on these queues.
 *
 * @returns whether any of them was this run's to work on
 */
export async function runQueues(
  queues: readonly { readonly tenant: string; readonly clientId: string }[],
  ports: QueueRunPorts,
  how: { readonly until: number; readonly eager: boolean },
): Promise<boolean> {
  const waiting = [...queues];
  let anyTaken = false;
  const faults: unknown[] = [];
  const workers = Array.from({ length: atOnce }, async () => {
    for (let queue = waiting.shift(); queue !== undefined; queue = waiting.shift()) {
      if (ports.clock.now() >= how.until) return;
      try {
        if (await runQueue(queue.tenant, queue.clientId, ports, how)) anyTaken = true;
      } catch (error) {
        faults.push(error);
      }
    }
  });
  await Promise.all(workers);
  if (faults.length > 0) throw faults[0];
  return anyTaken;
}
