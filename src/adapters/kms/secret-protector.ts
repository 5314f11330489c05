import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { SecretProtector } from '../../ports.ts';
import { dependable } from '../dynamodb/commands.ts';

/** KMS hands a ciphertext back only to whoever names the same context: tenant and client are bound to it. */
function encryptionContext({ tenant, clientId }: { readonly tenant: string; readonly clientId: string }) {
  return { tenant, client_id: clientId };
}

/**
 * Client secrets under the deployment's symmetric key; one call of KMS each.
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
