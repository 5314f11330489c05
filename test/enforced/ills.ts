import type { Fault } from '../../local/aws/faults.ts';
import { type EnforcedRun, entryOf } from './enforced-run.ts';

/** As often as the SDK tries: nothing but the function itself can then tell its caller. */
export const everyTry = 3;

export const ills = {
  'is throttled': { answer: { code: 'ThrottlingException', status: 400 } },
  fails: { answer: { code: 'InternalServerError', status: 500 } },
  'is cut off before': { answer: 'drop' },
  'is done, and its answer lost': { answer: 'drop-after-call' },
  // Longer than the SDK waits.
  hangs: { delayMilliseconds: 2500 },
} as const satisfies Record<string, Fault>;

export type Ill = keyof typeof ills;

/** Ills after which the call may have been done all the same. */
export const mayBeDone: readonly string[] = ['is done, and its answer lost', 'hangs'] satisfies Ill[];

/** A call that a function makes, `after` so many of the same operation; several may be made `atOnce`. */
export type StruckCall = readonly [service: string, operation: string, after?: number, atOnce?: number];

/** Lets the next such call of a function suffer so many times. */
export function strike(
  { principals, endpoint }: Pick<EnforcedRun, 'principals' | 'endpoint'>,
  entry: string,
  [service, operation, after = 0, atOnce = 1]: StruckCall,
  { times = 1, ...fault }: Fault,
): void {
  const functionName = principals.find((each) => entryOf(each.functionName) === entry)?.functionName;
  if (functionName === undefined) throw new Error(`no function is ${entry}`);
  endpoint.faults.add({ functionName, service, operation, after, times: times * atOnce, ...fault });
}
