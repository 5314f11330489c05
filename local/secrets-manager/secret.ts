import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import { AwsError } from '../aws/service.ts';

/**
 * One version of a secret's value: a string, or bytes in base64; without one while its rotation function has made none.
 * Stages it has none of are not kept.
 */
const SecretVersion = z.strictObject({
  id: z.string(),
  stages: z.array(z.string()),
  createdAt: z.number(),
  value: z.optional(
    z.union([z.strictObject({ SecretString: z.string() }), z.strictObject({ SecretBinary: z.string() })]),
  ),
});

/** How a secret is rotated: what `AWS::SecretsManager::RotationSchedule` or `RotateSecret` says. */
const Rotation = z.strictObject({
  functionArn: z.string(),
  /** `rate(30 days)`, or undefined where it is rotated on demand alone. */
  intervalMilliseconds: z.optional(z.number()),
  /** Since when, in milliseconds since the epoch. */
  since: z.number(),
  lastRotatedAt: z.optional(z.number()),
});

export type Rotation = z.infer<typeof Rotation>;

/** A secret as its file holds it, the newest version last. */
const Secret = z.strictObject({
  arn: z.string(),
  name: z.string(),
  description: z.string(),
  kmsKeyArn: z.optional(z.string()),
  createdAt: z.number(),
  versions: z.array(SecretVersion),
  rotation: z.optional(Rotation),
});

export type Secret = z.infer<typeof Secret>;
export type SecretVersion = z.infer<typeof SecretVersion>;
export type SecretValue = NonNullable<SecretVersion['value']>;

/** @throws {Error} for text that is no secret's file. */
export function parseSecret(text: string): Secret {
  return Secret.parse(JSON.parse(text));
}

/**
 * The version that a request names; `AWSCURRENT` where it names none.
 *
 * @throws {AwsError} `ResourceNotFoundException`, `InvalidRequestException`
 */
export function findVersion(secret: Secret, versionId: string | undefined, stage: string | undefined): SecretVersion {
  const wanted = stage ?? (versionId === undefined ? 'AWSCURRENT' : undefined);
  const version = secret.versions.find(({ id, stages }) =>
    versionId === undefined ? stages.includes(wanted ?? '') : id === versionId,
  );
  if (version?.value === undefined) {
    const which = versionId === undefined ? `staging label: ${wanted}` : `VersionId: ${versionId}`;
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${which}`,
    );
  }
  if (wanted !== undefined && !version.stages.includes(wanted)) {
    throw new AwsError(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    );
  }
  return version;
}

/**
 * The secret with one more version (Secrets Manager API Reference, `PutSecretValue`): its stages leave the versions that
 * had them, what was `AWSCURRENT` becomes `AWSPREVIOUS`, and a version left without stages is forgotten. The same id with
 * the same value changes nothing.
 *
 * @throws {AwsError} `ResourceExistsException` for an id in use with another value
 */
export function withVersion(secret: Secret, added: SecretVersion): Secret {
  const existing = secret.versions.find(({ id }) => id === added.id);
  if (existing !== undefined && isDeepStrictEqual(existing.value, added.value)) {
    return secret;
  }
  if (existing?.value !== undefined) {
    throw new AwsError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${added.id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  const others = secret.versions.filter(({ id }) => id !== added.id);
  const first = added.value !== undefined && !others.some(({ value }) => value !== undefined);
  const stages = new Set(first ? [...added.stages, 'AWSCURRENT'] : added.stages);
  const former = stages.has('AWSCURRENT') ? others.find((version) => version.stages.includes('AWSCURRENT')) : undefined;
  const kept = others.map((version) => ({
    ...version,
    stages: [
      ...version.stages.filter((stage) => !stages.has(stage) && !(former !== undefined && stage === 'AWSPREVIOUS')),
      ...(version === former && !stages.has('AWSPREVIOUS') ? ['AWSPREVIOUS'] : []),
    ],
  }));
  return {
    ...secret,
    versions: [...kept.filter((version) => version.stages.length > 0), { ...added, stages: [...stages] }],
  };
}

/**
 * The secret with a stage moved to another version, or taken away (Secrets Manager API Reference,
 * `UpdateSecretVersionStage`). What was `AWSCURRENT` becomes `AWSPREVIOUS`.
 *
 * @throws {AwsError} `ResourceNotFoundException`, `InvalidParameterException`
 */
export function withStageMoved(
  secret: Secret,
  stage: string,
  to: string | undefined,
  from: string | undefined,
): Secret {
  const holder = secret.versions.find(({ stages }) => stages.includes(stage));
  for (const id of [to, from]) {
    if (id !== undefined && !secret.versions.some((version) => version.id === id)) {
      throw new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified version ${id}.`);
    }
  }
  if (to === undefined && (from === undefined || stage === 'AWSCURRENT')) {
    throw new AwsError('InvalidParameterException', `The staging label ${stage} must be moved to a version.`);
  }
  if (holder !== undefined && holder.id !== to && holder.id !== from) {
    throw new AwsError(
      'InvalidParameterException',
      `The staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (from !== undefined && holder?.id !== from) {
    throw new AwsError('InvalidParameterException', `The staging label ${stage} is not attached to version ${from}.`);
  }
  if (holder !== undefined && holder.id === to) {
    return secret;
  }
  const becomesPrevious = stage === 'AWSCURRENT' ? holder?.id : undefined;
  const versions = secret.versions.map((version) => ({
    ...version,
    stages: [
      ...version.stages.filter((each) => each !== stage && !(becomesPrevious !== undefined && each === 'AWSPREVIOUS')),
      ...(version.id === to ? [stage] : []),
      ...(version.id === becomesPrevious ? ['AWSPREVIOUS'] : []),
    ],
  }));
  return { ...secret, versions: versions.filter(({ stages }) => stages.length > 0) };
}
