import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws/service.ts';
import type { WireInput } from '../aws/wire-input.ts';
import { nextRotationAt } from './rotation.ts';
import type { Secret, SecretValue, SecretVersion } from './secret.ts';

/** A secret's value is at most this long (Secrets Manager API Reference, `PutSecretValue`). */
const valueLimitBytes = 65_536;

/** The id that a write gives to its version. */
export function versionId(wire: WireInput): string {
  const id = wire.optionalText('ClientRequestToken') ?? randomUUID();
  if (id.length < 32 || id.length > 64) {
    throw new AwsError('InvalidParameterException', 'ClientRequestToken must have length between 32 and 64');
  }
  return id;
}

/** The value that a write gives. */
export function writtenValue(wire: WireInput): SecretValue {
  if (wire.has('SecretString') === wire.has('SecretBinary')) {
    throw new AwsError('InvalidParameterException', 'You must provide one of SecretString and SecretBinary.');
  }
  if (wire.has('SecretBinary')) {
    return { SecretBinary: wire.bytes('SecretBinary', 1, valueLimitBytes).toString('base64') };
  }
  const text = wire.text('SecretString');
  if (text.length === 0 || Buffer.byteLength(text) > valueLimitBytes) {
    throw new AwsError('InvalidParameterException', `SecretString must have between 1 and ${valueLimitBytes} bytes`);
  }
  return { SecretString: text };
}

/** What an answer names of a version. */
export const answer = ({ arn, name }: Secret, { id, stages }: SecretVersion) => ({
  ARN: arn,
  Name: name,
  VersionId: id,
  VersionStages: stages,
});

/** What `DescribeSecret` answers. */
export function description(secret: Secret): object {
  const next = nextRotationAt(secret);
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description === '' ? {} : { Description: secret.description }),
    ...(secret.kmsKeyArn === undefined ? {} : { KmsKeyId: secret.kmsKeyArn }),
    CreatedDate: secret.createdAt / 1000,
    ...(secret.rotation !== undefined && {
      RotationEnabled: true,
      RotationLambdaARN: secret.rotation.functionArn,
      ...(secret.rotation.lastRotatedAt !== undefined && { LastRotatedDate: secret.rotation.lastRotatedAt / 1000 }),
      ...(next !== undefined && { NextRotationDate: next / 1000 }),
    }),
    VersionIdsToStages: Object.fromEntries(secret.versions.map(({ id, stages }) => [id, stages])),
  };
}
