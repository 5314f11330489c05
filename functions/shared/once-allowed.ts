import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds between tries: IAM makes a policy known within seconds of the deployment having attached it. */
const propagation = [2000, 4000, 8000] as const;

/**
 * Does what a role that was made a moment ago may do, again where IAM does not know of it yet.
 *
 * @param attempt may be repeated after any of its calls was denied
 * @throws the denial, where it stands after every pause; anything else at once
 */
export async function onceAllowed<T>(attempt: () => Promise<T>, pauses: readonly number[] = propagation): Promise<T> {
  for (const milliseconds of pauses) {
    try {
      return await attempt();
    } catch (error) {
      if (!isDenial(error)) throw error;
      await wait(milliseconds);
    }
  }
  return attempt();
}

function isDenial(error: unknown): boolean {
  return error instanceof Error && error.name === 'AccessDeniedException';
}
