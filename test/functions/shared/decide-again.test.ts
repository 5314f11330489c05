import { describe, expect, it } from 'vitest';
import { decideAgain } from '../../../functions/shared/decide-again.ts';
import { ConcurrentChange, Conflict } from '../../../src/entities/errors.ts';

/** Fails so often with the error, then succeeds; tells how often it was tried before. */
function failing(times: number, error: Error) {
  const tried: number[] = [];
  const attempt = async (before: number) => {
    tried.push(before);
    if (before < times) throw error;
    return 'done';
  };
  return { tried, attempt };
}

describe('a decision that met another', () => {
  it('is made again, 19 times at most', async () => {
    const { tried, attempt } = failing(2, new ConcurrentChange());
    expect(await decideAgain(attempt)).toBe('done');
    expect(tried).toEqual([0, 1, 2]);
    const hopeless = failing(20, new ConcurrentChange());
    await expect(decideAgain(hopeless.attempt)).rejects.toThrow(ConcurrentChange);
    expect(hopeless.tried).toHaveLength(20);
  });

  it('is not made again where it was refused', async () => {
    const { tried, attempt } = failing(1, new Conflict('taken'));
    await expect(decideAgain(attempt)).rejects.toThrow(Conflict);
    expect(tried).toEqual([0]);
  });
});
