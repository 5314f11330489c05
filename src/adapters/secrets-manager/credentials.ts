import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { BootstrapFailed, type Credentials, type CredentialsStore } from '../../deployment/bootstrap.ts';
import { hasValidChecksum } from '../../entities/client-secret.ts';
import { tenantOfClientId } from '../../entities/identifiers.ts';
import { dependable } from '../dynamodb/commands.ts';

/**
 * The version that the bootstrap writes. Secrets Manager refuses another value under the same id, so that of two
 * bootstraps at once one alone writes.
 */
const firstVersion = 'latchkey-bootstrap-administrator-credentials';

const stored = z
  .object({ tenant: z.string(), client_id: z.string(), client_secret: z.string() })
  .check(z.refine((held) => tenantOfClientId(held.client_id) === held.tenant && hasValidChecksum(held.client_secret)));

/** Credentials in a secret of Secrets Manager: `{"tenant","client_id","client_secret"}`. */
export function secretsManagerCredentials(client: SecretsManagerClient, secretArn: string): CredentialsStore {
  return {
    async read() {
      try {
        const { SecretString } = await dependable(client.send(new GetSecretValueCommand({ SecretId: secretArn })));
        return SecretString === undefined ? undefined : parse(SecretString);
      } catch (error) {
        // A secret without any version.
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    async writeFirst({ tenant, clientId, clientSecret }) {
      const value = { tenant, client_id: clientId, client_secret: clientSecret };
      try {
        await dependable(
          client.send(
            new PutSecretValueCommand({
              SecretId: secretArn,
              SecretString: JSON.stringify(value),
              ClientRequestToken: firstVersion,
            }),
          ),
        );
      } catch (error) {
        if (!(error instanceof ResourceExistsException)) throw error;
      }
    },
  };
}

/** @throws BootstrapFailed for what somebody else put there: it is not ours to replace, nor to repeat in a message */
function parse(text: string): Credentials {
  const held = z.safeParse(stored, parsedJson(text));
  if (!held.success) throw new BootstrapFailed('the secret holds something else than credentials of this deployment');
  return { tenant: held.data.tenant, clientId: held.data.client_id, clientSecret: held.data.client_secret };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
