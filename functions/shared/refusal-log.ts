import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { auditEventStore } from '../../src/adapters/dynamodb/audit-event.ts';
import { networkOf } from '../../src/authentication/address.ts';
import { auditEvent, originAt, type RequestSource } from '../../src/entities/audit-event.ts';
import { networkSlots, type RefusalLog, type RefusedProof } from '../../src/entities/refusal-log.ts';
import { once } from '../../src/once.ts';
import { logger } from './logger.ts';
import { clock, randomBytes } from './services.ts';
import { table } from './table.ts';

const auditEvents = /* @__PURE__ */ once(() => auditEventStore(table()));

/** What a refusal waits out: far more than one read and one transaction take. */
const refusalMilliseconds = 50;

/** The log in the table; what it touches: `refusalTouches` of `src/api/routes/sign-in-touches.ts`. */
export const refusalLog: RefusalLog = {
  async note(refused, source) {
    await Promise.all([refused && told(refused, source), wait(refusalMilliseconds)]);
  },
};

async function told({ tenant, action, object, reason }: RefusedProof, source: RequestSource): Promise<void> {
  try {
    const change = { tenant, action, object, changes: { reason } };
    const event = auditEvent(change, originAt(source, 'anonymous'), clock.now(), randomBytes);
    await auditEvents().appendFirstOfHour(event, slotOf(source.address));
  } catch (error) {
    logger.error('refusal not told', { action, reason: error instanceof Error ? error.name : 'unknown' });
  }
}

/** Which of the hour's events one from this network may be: strangers with many networks fill no more than these. */
function slotOf(address: string): number {
  return hash('sha256', networkOf(address), 'buffer').readUInt32BE() % networkSlots;
}
