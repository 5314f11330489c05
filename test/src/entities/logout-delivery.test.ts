import { describe, expect, it } from 'vitest';
import { attempted, deliveryOf, isLastAttempt } from '../../../src/entities/logout-delivery.ts';

const endedAt = '2026-11-21T12:00:00.000Z';
const delivery = deliveryOf({ tenant: 'ten_1', userId: 'usr_1', id: 'ses_1' }, ['int_1'], endedAt);

describe('a logout delivery', () => {
  it('is due when the session ends', () => {
    expect(delivery).toMatchObject({ sessionId: 'ses_1', clientIds: ['int_1'], attempts: 0, dueAt: endedAt });
  });

  it('is attempted less and less often, for a day and no longer', () => {
    const minutes: number[] = [];
    let now = Date.parse(endedAt);
    let current = delivery;
    do {
      minutes.push((now - Date.parse(endedAt)) / 60_000);
      current = attempted(current, now);
      now = Date.parse(current.dueAt);
    } while (!isLastAttempt(current));
    expect(minutes).toEqual([0, 1, 6, 21, 81, 261, 621, 981, 1341]);
    expect(current.attempts).toBe(minutes.length);
  });

  it('is counted from the attempt, however late that comes', () => {
    const late = Date.parse(endedAt) + 3_600_000;
    expect(attempted(delivery, late).dueAt).toBe('2026-11-21T13:01:00.000Z');
  });
});
