import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditEvent, earliestEventId } from '../../../src/entities/audit-event.ts';
import { originOf } from './origin.ts';

const time = fc.integer({ min: 0, max: Date.parse('8000-01-01T00:00:00Z') });
const idAt = (now: number) => auditEvent({ tenant: 't', action: 'a', object: 'o' }, originOf('u'), now, randomBytes).id;

describe('an event id', () => {
  it('is of letters, digits and underscore, and stands in the order of time, byte by byte', () => {
    fc.assert(
      fc.property(time, time, (one, other) => {
        expect(idAt(one)).toMatch(/^evt_[0-9A-Za-z]{24}$/);
        if (one < other) expect(idAt(one) < idAt(other)).toBe(true);
      }),
    );
  });

  it('is after the bound of its time, and before that of the next millisecond', () => {
    fc.assert(
      fc.property(time, (now) => {
        expect(earliestEventId(now) < idAt(now)).toBe(true);
        expect(idAt(now) < earliestEventId(now + 1)).toBe(true);
      }),
    );
  });
});
