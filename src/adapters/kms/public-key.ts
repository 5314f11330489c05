import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { PublicKeyReader } from '../../deployment/bootstrap.ts';
import { thumbprintOf } from '../../entities/public-key.ts';
import { dependable } from '../dynamodb/commands.ts';

/** Public halves of KMS keys as JWKs, each with its RFC 7638 thumbprint for a `kid`. */
export function kmsPublicKeys(client: KMSClient): PublicKeyReader {
  return {
    async read(keyArn) {
      const { PublicKey } = await dependable(client.send(new GetPublicKeyCommand({ KeyId: keyArn })));
      if (PublicKey === undefined) throw new Error('KMS answered no public key');
      const jwk = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' }).export({
        format: 'jwk',
      });
      const publicJwk = Object.fromEntries(Object.entries(jwk).map(([member, value]) => [member, String(value)]));
      return { kid: thumbprintOf(publicJwk), publicJwk };
    },
  };
}
