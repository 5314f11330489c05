import { ConcurrentChange } from '../entities/errors.ts';
import {
  type Attempts,
  type Counted,
  counterName,
  type SignInAttemptsStore,
  type SignInState,
} from '../entities/sign-in-attempts.ts';
import type { Clock, Pause } from '../ports.ts';
import { oneMore, paces } from './throttle.ts';

export interface AttemptPorts {
  readonly clock: Clock;
  readonly pause: Pause;
  readonly attempts: SignInAttemptsStore;
}

/** What an attempt is counted under. */
export interface Attempt {
  readonly tenant: string;
  readonly userId: string;
  /** Counted where the browser is none that the user is known by. */
  readonly strangers: readonly Counted[];
  /** Counted in their place where it is one. */
  readonly device?: (Counted & { readonly kind: 'device' }) | undefined;
}

/** Counted, or to be made again later. */
export type Admission =
  | {
      readonly admitted: true;
      readonly state: SignInState;
      /** What it was counted under, to be forgiven where it was right. */
      readonly counters: readonly string[];
    }
  | { readonly admitted: false; readonly retryAfterSeconds: number };

/** How often counting is tried where others are counted at the same time; then the attempt is one too many at once. */
const tries = 6;
const longestPause = 60;

/**
 * Counts an attempt before anything is checked: of many at once, none is checked that was not counted, so that guessing
 * in parallel gains nothing.
 */
export async function admit(ports: AttemptPorts, attempt: Attempt): Promise<Admission> {
  for (let tried = 0; tried < tries; tried++) {
    try {
      return await counted(ports, attempt);
    } catch (error) {
      if (!(error instanceof ConcurrentChange)) throw error;
      await ports.pause(longestPause);
    }
  }
  return { admitted: false, retryAfterSeconds: 1 };
}

async function counted({ clock, attempts }: AttemptPorts, attempt: Attempt): Promise<Admission> {
  const { tenant, userId, strangers, device } = attempt;
  const names = [...strangers, ...(device ? [device] : [])].map(counterName);
  const state = await attempts.read(tenant, userId, names);
  const under = chargedWith(attempt, state.attempts);
  const steps = under.map(({ kind, counter }) =>
    oneMore({ counter, before: state.attempts.get(counter), pace: paces[kind] }, clock.now()),
  );
  const waits = steps.flatMap((step) => ('retryAfterSeconds' in step ? [step.retryAfterSeconds] : []));
  if (waits.length > 0) return { admitted: false, retryAfterSeconds: Math.max(...waits) };
  await attempts.count(
    tenant,
    steps.flatMap((step) => ('counted' in step ? [step.counted] : [])),
  );
  return { admitted: true, state, counters: under.map(({ counter }) => counter) };
}

function chargedWith({ strangers, device }: Attempt, found: ReadonlyMap<string, Attempts>) {
  const known = device !== undefined && found.has(counterName(device));
  const all: readonly Counted[] = known ? [device] : strangers;
  return all.map((each) => ({ kind: each.kind, counter: counterName(each) }));
}
