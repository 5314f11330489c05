import * as z from 'zod/mini';
import type { Resolver } from './resolver.ts';
import { readShape, unknownFeature } from './shape.ts';

/** A function that runs by the clock. */
export interface Schedule {
  readonly ruleArn: string;
  readonly functionArn: string;
  readonly intervalMilliseconds: number;
  /** What EventBridge sends, or what the rule puts in its place. */
  readonly event: (at: Date) => unknown;
}

const shape = z.object({
  ScheduleExpression: z.string(),
  State: z._default(z.enum(['ENABLED', 'DISABLED']), 'ENABLED'),
  Targets: z.array(
    z.strictObject({
      Arn: z.string(),
      Id: z.string(),
      Input: z.optional(z.string()),
      // Retries and dead letters are EventBridge's own; a failure shows on the terminal.
      RetryPolicy: z.optional(z.unknown()),
      DeadLetterConfig: z.optional(z.unknown()),
    }),
  ),
});

/** Timers take no more than 2^31-1 milliseconds. */
const longestInterval = 2 ** 31 - 1;

const unitMilliseconds: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The rules that are switched on, one schedule a target. Only `rate(…)` is known. */
export function schedules(resolver: Resolver): Schedule[] {
  return resolver.resources('AWS::Events::Rule').flatMap((rule) => {
    const { ScheduleExpression, State, Targets } = readShape(shape, rule.properties, rule);
    const [, amount = '', unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(ScheduleExpression) ?? [];
    const intervalMilliseconds = Number(amount) * (unitMilliseconds[unit] ?? 0);
    if (!(intervalMilliseconds > 0 && intervalMilliseconds <= longestInterval)) {
      throw unknownFeature(rule, `the schedule ${ScheduleExpression}`);
    }
    const { region, accountId } = rule.stack;
    const ruleArn = `arn:aws:events:${region}:${accountId}:rule/${rule.ref}`;
    return State === 'DISABLED'
      ? []
      : Targets.map(({ Arn, Input }) => ({
          ruleArn,
          functionArn: Arn,
          intervalMilliseconds,
          event: (at: Date) =>
            Input === undefined
              ? {
                  version: '0',
                  id: crypto.randomUUID(),
                  'detail-type': 'Scheduled Event',
                  source: 'aws.events',
                  account: accountId,
                  time: `${at.toISOString().slice(0, 19)}Z`,
                  region,
                  resources: [ruleArn],
                  detail: {},
                }
              : JSON.parse(Input),
        }));
  });
}

/** Runs schedules until stopped; the first run comes after one interval, as EventBridge's. */
export function startSchedules(all: readonly Schedule[], run: (schedule: Schedule) => void): () => void {
  const timers = all.map((schedule) => setInterval(() => run(schedule), schedule.intervalMilliseconds).unref());
  return () => {
    timers.forEach(clearInterval);
  };
}
