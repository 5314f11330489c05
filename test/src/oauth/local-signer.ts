import { type KeyObject, sign } from 'node:crypto';
import { joseSignature } from '../../../src/adapters/kms/ecdsa-signature.ts';
import type { JwtSigner } from '../../../src/ports.ts';

/** Signs ES256 with a private key of this process. */
export function localSigner(privateKey: KeyObject, kid: string): JwtSigner {
  return {
    async sign(header, claims) {
      const input = `${encoded({ alg: 'ES256', kid, ...header })}.${encoded(claims)}`;
      const signature = joseSignature(sign('sha256', Buffer.from(input), privateKey));
      return `${input}.${Buffer.from(signature.buffer).toString('base64url')}`;
    },
  };
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
