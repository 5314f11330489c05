import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import { AwsError } from '../aws/service.ts';

/** One version of a secret's value: a string, or bytes in base64. Stages it has none of are not kept. */
const SecretVersion = z.strictObject({
  id: z.string(),
  stages: z.array(z.string()),
  createdAt: z.number(),
  value: z.union([z.strictObject({ SecretString: z.string() }), z.strictObject({ SecretBinary: z.string() })]),
});

/** A secret as its file holds it, the newest version last. */
const Secret = z.strictObject({
  arn: z.string(),
  name: z.string(),
  description: z.string(),
  kmsKeyArn: z.optional(z.string()),
  createdAt: z.number(),
  versions: z.array(SecretVersion),
});

export type Secret = z.infer<typeof Secret>;
export type SecretVersion = z.infer<typeof SecretVersion>;

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
  if (version === undefined) {
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
  if (existing !== undefined) {
    throw new AwsError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${added.id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  const stages = new Set(secret.versions.length === 0 ? [...added.stages, 'AWSCURRENT'] : added.stages);
  const former = stages.has('AWSCURRENT')
    ? secret.versions.find((version) => version.stages.includes('AWSCURRENT'))
    : undefined;
  const kept = secret.versions.map((version) => ({
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
