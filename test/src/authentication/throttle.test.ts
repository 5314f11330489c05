import { describe, expect, it } from 'vitest';
import { delaySeconds, oneMore, paces } from '../../../src/authentication/throttle.ts';

const pace = { free: 3, forgivenAfterSeconds: 100 };
const at = 1_000_000;
const counted = (count: number, secondsLater: number) =>
  oneMore({ counter: 'c', before: { count, at, version: 7 }, pace }, at + secondsLater * 1000);

describe('the wait', () => {
  it('is none while attempts are free, then doubles up to a quarter of an hour', () => {
    expect([0, 1, 2, 3, 4, 5, 6].map((count) => delaySeconds(count, pace))).toEqual([0, 0, 0, 2, 4, 8, 16]);
    expect(delaySeconds(50, pace)).toBe(900);
    for (const each of Object.values(paces)) expect(delaySeconds(10_000, each)).toBe(900);
  });

  it('is refused until it is over, by the second', () => {
    expect(counted(5, 0)).toEqual({ retryAfterSeconds: 8 });
    expect(counted(5, 7.001)).toEqual({ retryAfterSeconds: 1 });
    expect(counted(5, 8)).toHaveProperty('counted');
  });

  it('does not shrink because the clock went back', () => {
    expect(counted(5, -100)).toEqual({ retryAfterSeconds: 8 });
  });
});

describe('time', () => {
  it('forgives attempts one by one, and none that was not made', () => {
    const after = (count: number, seconds: number) => {
      const step = counted(count, seconds);
      return 'counted' in step ? step.counted.after : undefined;
    };
    expect(after(2, 0)).toEqual({ count: 3, at, version: 8 });
    expect(after(2, 50)?.count).toBe(2.5);
    expect(after(2, 1000)?.count).toBe(1);
  });

  it('leaves what is counted within one second as many as it is', () => {
    expect(delaySeconds(2.9999, pace)).toBe(2);
    expect(delaySeconds(2.4, pace)).toBe(0);
  });
});
