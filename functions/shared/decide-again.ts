import { ConcurrentChange } from '../../src/entities/errors.ts';
import { pause } from './pause.ts';

/**
 * How often something is decided on before its caller is told of the conflict: of ten who decide at once on one
 * integration, each in a project of their own, the last one waits for nine others.
 */
const tries = 20;
/** The longest pause before another try, in milliseconds: transactions that met once should not meet again. */
const longestPause = 50;

/**
 * Decides and writes; again, on what is stored by then, where somebody else was at the same objects.
 *
 * @param attempt is told how often it was tried before
 * @throws ConcurrentChange where others were faster every time
 */
export async function decideAgain<T>(attempt: (before: number) => Promise<T>): Promise<T> {
  for (let before = 0; ; before++) {
    try {
      return await attempt(before);
    } catch (error) {
      if (!(error instanceof ConcurrentChange) || before + 1 === tries) throw error;
      await pause(longestPause);
    }
  }
}
