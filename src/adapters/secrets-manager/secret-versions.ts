import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { SecretVersions } from '../../deployment/workload-credentials.ts';

/** The versions of one secret in Secrets Manager. What AWS refuses is thrown as it is: its names hold no secret. */
export function secretVersions(client: SecretsManagerClient, secretArn: string): SecretVersions {
  const SecretId = secretArn;
  return {
    async stages() {
      const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
      return VersionIdsToStages ?? {};
    },
    async read(stage, versionId) {
      try {
        const request = { SecretId, VersionStage: stage, ...(versionId !== undefined && { VersionId: versionId }) };
        return (await client.send(new GetSecretValueCommand(request))).SecretString;
      } catch (error) {
        // A version without a value, or with another label.
        if (error instanceof ResourceNotFoundException || error instanceof InvalidRequestException) return undefined;
        throw error;
      }
    },
    async write(text, stage, versionId) {
      try {
        await client.send(
          new PutSecretValueCommand({
            SecretId,
            SecretString: text,
            VersionStages: [stage],
            ...(versionId !== undefined && { ClientRequestToken: versionId }),
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ResourceExistsException) return false;
        throw error;
      }
    },
    async moveStage(stage, { to, from }) {
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: stage,
          ...(to !== undefined && { MoveToVersionId: to }),
          ...(from !== undefined && { RemoveFromVersionId: from }),
        }),
      );
    },
  };
}
