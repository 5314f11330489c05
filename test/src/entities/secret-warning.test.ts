import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientSecret, Integration } from '../../../src/entities/integration.ts';
import { runningOutAt } from '../../../src/entities/secret-rotation.ts';
import { dueWarnings, nextWarning, warningsBefore } from '../../../src/entities/secret-warning.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-21T10:00:00.000Z');
const inDays = (days: number) => new Date(now + days * day).toISOString();

describe('a secret is warned of', () => {
  it.each([
    [30, [16, 27, 29]],
    [14.5, [0.5, 11.5, 13.5]],
    [14, [11, 13]],
    [2, [1]],
    [1, []],
    [0.1, []],
  ])('that runs out in %d days: after %j', (days, expected) => {
    expect(warningsBefore(inDays(days), now)).toEqual(expected.map(inDays));
  });
});

const secret = (id: string, days?: number): ClientSecret => ({
  id,
  hash: 'hash',
  lastFour: 'abcd',
  createdAt: inDays(-1),
  ...(days !== undefined && runningOutAt(now + days * day, now)),
});
const having = (...secrets: ClientSecret[]) => ({ secrets }) as unknown as Integration;
const expiring = (integration: Integration, days: number) =>
  dueWarnings(integration, now + days * day)?.expiring.map(({ id }) => id);

describe('warnings that are due', () => {
  it('are those of the moment, and the next one is the earliest of all', () => {
    const integration = having(secret('a', 30), secret('b', 20), secret('c'));
    expect(nextWarning(integration)).toBe(inDays(6));
    expect(expiring(integration, 5.9)).toBeUndefined();
    expect(expiring(integration, 6)).toEqual(['b']);
    expect(expiring(integration, 18)).toEqual(['a', 'b']);
    expect(nextWarning(having(secret('c')))).toBeUndefined();
  });

  it('are one of a secret where several are overdue, and none once it has run out', () => {
    const integration = having(secret('a', 20));
    expect(expiring(integration, 19.5)).toEqual(['a']);
    expect(nextWarning(dueWarnings(integration, now + 19.5 * day)?.after ?? integration)).toBeUndefined();
    expect(expiring(integration, 20)).toEqual([]);
    expect(nextWarning(dueWarnings(integration, now + 20 * day)?.after ?? integration)).toBeUndefined();
  });

  it('come three times to a secret that lives long enough, whenever somebody looks in time', () => {
    const looks = fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { maxLength: 50 });
    fc.assert(
      fc.property(looks, (times) => {
        let integration = having(secret('a', 30));
        const told: number[] = [];
        for (const time of [...times, ...Array.from({ length: 60 }, (_, index) => index / 2)].sort((a, b) => a - b)) {
          const due = dueWarnings(integration, now + time * day);
          if (due === undefined) continue;
          integration = due.after;
          if (due.expiring.length > 0) told.push(Math.floor(time));
        }
        expect(told).toEqual([16, 27, 29]);
      }),
    );
  });
});
