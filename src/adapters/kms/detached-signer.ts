import { createHash } from 'node:crypto';
import { type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { DetachedSigner } from '../../deliveries/request.ts';
import { dependable } from '../dynamodb/commands.ts';

/** The key that signs: its ARN, and the id under which its public half is published. */
export interface DetachedKey {
  readonly keyArn: string;
  readonly kid: string;
}

/** Signs with an RSA key in KMS, RS256, the payload left out of the JWS (RFC 7515 appendix F). */
export function kmsDetachedSigner(kms: KMSClient, key: () => Promise<DetachedKey>): DetachedSigner {
  return {
    async sign(payload) {
      const { keyArn, kid } = await key();
      const header = encoded(JSON.stringify({ alg: 'RS256', kid }));
      const { Signature } = await dependable(
        kms.send(
          new SignCommand({
            KeyId: keyArn,
            SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
            MessageType: 'DIGEST',
            Message: createHash('sha256')
              .update(`${header}.${encoded(payload)}`)
              .digest(),
          }),
        ),
      );
      if (Signature === undefined) throw new Error('KMS answered without a signature');
      return `${header}..${Buffer.from(Signature).toString('base64url')}`;
    },
  };
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}
