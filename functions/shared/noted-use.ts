import { metrics } from '../../src/environment.ts';
import { count } from './metrics.ts';
import { reasonOf } from './reason.ts';

/**
 * Waits until a use is noted. What the use was for does not hang on it: where it cannot be noted, for whatever reason,
 * that is counted and nothing else.
 *
 * @param properties stand beside the count in the log; never a token or a secret
 */
export async function noted(write: Promise<void>, properties: Readonly<Record<string, string>>): Promise<void> {
  try {
    await write;
  } catch (error) {
    count(metrics.unnotedUses, { ...properties, reason: reasonOf(error) });
  }
}
