import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { SecretContext, SecretProtector } from '../../ports.ts';
import { dependable } from '../dynamodb/commands.ts';

/** KMS hands a ciphertext back only to whoever names the same context: its tenant, and its client or user. */
function encryptionContext(context: SecretContext): Record<string, string> {
  const { tenant } = context;
  return 'clientId' in context ? { tenant, client_id: context.clientId } : { tenant, user_id: context.userId };
}

/**
 * Secrets under the deployment's symmetric key; one call of KMS each.
 *
 * @param keyArn the key that both encrypts and decrypts: a ciphertext under any other is refused
 */
export function kmsSecretProtector(client: KMSClient, keyArn: string): SecretProtector {
  return {
    async encrypt(plaintext, context) {
      const { CiphertextBlob } = await dependable(
        client.send(
          new EncryptCommand({
            KeyId: keyArn,
            Plaintext: Buffer.from(plaintext),
            EncryptionContext: encryptionContext(context),
          }),
        ),
      );
      if (CiphertextBlob === undefined) throw new Error('KMS answered no ciphertext');
      return CiphertextBlob;
    },
    async decrypt(ciphertext, context) {
      const { Plaintext } = await dependable(
        client.send(
          new DecryptCommand({
            KeyId: keyArn,
            CiphertextBlob: ciphertext,
            EncryptionContext: encryptionContext(context),
          }),
        ),
      );
      if (Plaintext === undefined) throw new Error('KMS answered no plaintext');
      return Buffer.from(Plaintext).toString();
    },
  };
}
