import * as z from 'zod/mini';
import { AwsError } from '../aws/service.ts';
import { type Secret, withStageMoved, withVersion } from './secret.ts';

/** The four calls of a rotation, in order (Secrets Manager User Guide, "Lambda rotation functions"). */
export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** Invokes a rotation function; undefined where it succeeded, else why it did not. */
export type InvokeRotation = (functionArn: string, event: RotationEvent) => Promise<string | undefined>;

export interface RotationEvent {
  readonly Step: (typeof rotationSteps)[number];
  /** The secret's ARN. */
  readonly SecretId: string;
  /** The id of the version that is made. */
  readonly ClientRequestToken: string;
}

const unitMilliseconds: Readonly<Record<string, number>> = { hour: 3_600_000, day: 86_400_000 };

/** `RotationRules` as far as they are known here: days, or `rate(…)`. */
const rules = z.strictObject({
  AutomaticallyAfterDays: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(1000))),
  ScheduleExpression: z.optional(z.string()),
});

/**
 * The time between two rotations; undefined without rules.
 *
 * @throws {Error} for a schedule that is not known here, or that AWS refuses: more often than every four hours.
 */
export function rotationInterval(given: unknown): number | undefined {
  const { AutomaticallyAfterDays, ScheduleExpression } = rules.parse(given ?? {});
  if (ScheduleExpression === undefined) {
    return AutomaticallyAfterDays === undefined ? undefined : AutomaticallyAfterDays * 86_400_000;
  }
  const [, amount = '', unit = ''] = /^rate\((\d+) (hour|day)s?\)$/.exec(ScheduleExpression) ?? [];
  const interval = Number(amount) * (unitMilliseconds[unit] ?? 0);
  if (AutomaticallyAfterDays !== undefined || !(interval >= 4 * 3_600_000)) {
    throw new Error(`the local run does not know the rotation schedule ${ScheduleExpression}`);
  }
  return interval;
}

/** When a secret is to be rotated next; undefined where no schedule says so. */
export function nextRotationAt({ rotation }: Secret): number | undefined {
  if (rotation?.intervalMilliseconds === undefined) {
    return undefined;
  }
  return (rotation.lastRotatedAt ?? rotation.since) + rotation.intervalMilliseconds;
}

/** The version that a rotation which has not ended is making. */
export function pendingVersion(secret: Secret): string | undefined {
  return secret.versions.find(({ stages }) => stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT'))?.id;
}

/** The secret with a version that has no value yet, for a rotation function to fill. */
export function withPendingVersion(secret: Secret, id: string, now: number): Secret {
  if (pendingVersion(secret) === id) {
    return secret;
  }
  return withVersion(secret, { id, stages: ['AWSPENDING'], createdAt: now });
}

/** The secret without a version that a test of its rotation function was made with. */
export function withoutPending(secret: Secret, id: string): Secret {
  const isPending = secret.versions.some((version) => version.id === id && version.stages.includes('AWSPENDING'));
  return isPending ? withStageMoved(secret, 'AWSPENDING', undefined, id) : secret;
}

/** @throws {AwsError} `InvalidRequestException` where a rotation has begun and not ended */
export function assertNotRotating(secret: Secret): void {
  if (pendingVersion(secret) !== undefined) {
    throw new AwsError(
      'InvalidRequestException',
      'A previous rotation isn’t complete. That rotation will be reattempted.',
    );
  }
}
