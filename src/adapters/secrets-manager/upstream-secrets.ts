import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { IdentityProvider, UpstreamSecretStore, UpstreamSecrets } from '../../entities/identity-provider.ts';
import { dependable } from '../dynamodb/commands.ts';

/** A secret of its own for each tenant and provider, below the deployment's prefix, which roles are bounded by. */
const nameOf = (prefix: string, { tenant, id }: Pick<IdentityProvider, 'tenant' | 'id'>) => `${prefix}${tenant}/${id}`;

/** Reads our client secrets at providers. */
export function upstreamSecrets(client: SecretsManagerClient, prefix: string): UpstreamSecrets {
  return {
    async read(provider) {
      try {
        const SecretId = nameOf(prefix, provider);
        return (await dependable(client.send(new GetSecretValueCommand({ SecretId })))).SecretString;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
  };
}

/** Keeps them, encrypted with the key of that ARN. */
export function upstreamSecretStore(client: SecretsManagerClient, prefix: string, keyArn: string): UpstreamSecretStore {
  return {
    async create(provider, secret) {
      const created = { Name: nameOf(prefix, provider), SecretString: secret, KmsKeyId: keyArn };
      await dependable(
        client.send(
          new CreateSecretCommand({ ...created, Description: 'Latchkey: our client secret at an identity provider' }),
        ),
      );
    },

    async replace(provider, secret) {
      const SecretId = nameOf(prefix, provider);
      await dependable(client.send(new PutSecretValueCommand({ SecretId, SecretString: secret })));
    },

    ...upstreamSecretRemoval(client, prefix),
  };
}

/** Deletes them, and reads and makes none. */
export function upstreamSecretRemoval(
  client: SecretsManagerClient,
  prefix: string,
): Pick<UpstreamSecretStore, 'delete'> {
  return {
    async delete(provider) {
      // Without the days of grace: the provider's id is never used again, and nobody is to sign in with the secret.
      const SecretId = nameOf(prefix, provider);
      try {
        await dependable(client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    },
  };
}
