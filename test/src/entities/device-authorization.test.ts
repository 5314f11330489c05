import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newUserCode, shownUserCode, typedUserCode } from '../../../src/entities/device-authorization.ts';

describe('a user code', () => {
  it('has eight of twenty consonants, each as likely, and no two are the same', () => {
    const codes = Array.from({ length: 2_000 }, () => newUserCode(randomBytes));
    for (const code of codes) expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
    expect(new Set(codes).size).toBe(codes.length);
    const counts = Object.values(Object.groupBy(codes.join(''), (letter) => letter)).map((found) => found?.length ?? 0);
    expect(counts).toHaveLength(20);
    // 800 of each are expected; six standard deviations are 166.
    for (const count of counts) expect(Math.abs(count - 800)).toBeLessThan(166);
  });

  it('draws again what would make some letters likelier', () => {
    const draws = [new Uint8Array(12).fill(240), new Uint8Array(12).fill(239)];
    expect(newUserCode(() => draws.shift() ?? new Uint8Array())).toBe('ZZZZZZZZ');
  });

  it('is shown in two halves', () => {
    expect(shownUserCode('WDJBMJHT')).toBe('WDJB-MJHT');
  });

  it.each(['WDJBMJHT', 'WDJB-MJHT', 'wdjb-mjht', ' wdjb mjht ', 'WDJB–MJHT', 'w d j b m j h t'])(
    'is understood however it is typed: %s',
    (typed) => {
      expect(typedUserCode(typed)).toBe('WDJBMJHT');
    },
  );

  it.each(['', 'WDJBMJH', 'WDJBMJHTX', 'WDJBMJHA', 'WDJB_MJHT', 'WDJB#MJHT', 'ẞDJBMJHT', '12345678'])(
    'is not what cannot be one: %s',
    (typed) => {
      expect(typedUserCode(typed)).toBeUndefined();
    },
  );
});
