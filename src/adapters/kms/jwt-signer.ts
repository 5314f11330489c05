import { createHash, createPublicKey, verify } from 'node:crypto';
import { type KMSClient, SignCommand, type SignCommandInput } from '@aws-sdk/client-kms';
import type { DeploymentReader } from '../../entities/deployment.ts';
import type { SigningAlgorithm, SigningKey } from '../../entities/signing-key.ts';
import type { JwtSigner } from '../../ports.ts';
import { dependable } from '../dynamodb/commands.ts';
import { joseSignature } from './ecdsa-signature.ts';

interface Algorithm {
  /** What KMS is asked for beside the key. */
  readonly request: (input: Buffer) => Pick<SignCommandInput, 'SigningAlgorithm' | 'MessageType' | 'Message'>;
  /** The signature as JOSE writes it, from what KMS answers. */
  readonly signature: (answered: Uint8Array) => Uint8Array;
  /** The digest that `node:crypto` verifies with; null where the algorithm has its own. */
  readonly digest: 'sha256' | null;
  /** The most that is signed, in bytes; absent: any length. */
  readonly limit?: number;
}

const sha256 = (input: Buffer) => createHash('sha256').update(input).digest();
const asAnswered = (answered: Uint8Array) => answered;

const algorithms: Readonly<Record<SigningAlgorithm, Algorithm>> = {
  RS256: {
    request: (input) => ({
      SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
      MessageType: 'DIGEST',
      Message: sha256(input),
    }),
    signature: asAnswered,
    digest: 'sha256',
  },
  ES256: {
    request: (input) => ({ SigningAlgorithm: 'ECDSA_SHA_256', MessageType: 'DIGEST', Message: sha256(input) }),
    signature: joseSignature,
    digest: 'sha256',
  },
  // Ed25519 hashes by itself: KMS takes the message as it is, 4,096 bytes at most.
  EdDSA: {
    request: (input) => ({ SigningAlgorithm: 'ED25519_SHA_512', MessageType: 'RAW', Message: input }),
    signature: asAnswered,
    digest: null,
    limit: 4_096,
  },
};

/** Where the signer signs, and with which of the deployment's keys: the active one of the algorithm. */
export interface KmsJwtSignerOptions {
  readonly kms: KMSClient;
  readonly deployment: DeploymentReader;
  readonly algorithm: SigningAlgorithm;
}

/**
 * Signs JWTs with KMS: one `Sign` for each. A key's first signature is verified against its public half, so that a row
 * that names another key than the one that signs fails at once and not at every verifier.
 */
export function kmsJwtSigner({ kms, deployment, algorithm }: KmsJwtSignerOptions): JwtSigner {
  const { request, signature, digest, limit } = algorithms[algorithm];
  const proven = new Set<string>();

  const prove = (key: SigningKey, input: Buffer, signed: Uint8Array) => {
    const publicKey = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' });
    if (!verify(digest, input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signed))
      throw new Error(`the KMS key of signing key ${key.name} does not sign for its public key`);
    proven.add(key.kid);
  };

  return {
    limit,
    async sign(header, claims) {
      const key = activeKey((await deployment.current()).keys, algorithm);
      const input = `${encoded({ alg: algorithm, kid: key.kid, ...header })}.${encoded(claims)}`;
      const bytes = Buffer.from(input);
      const { Signature } = await dependable(kms.send(new SignCommand({ KeyId: key.keyArn, ...request(bytes) })));
      if (Signature === undefined) throw new Error('KMS answered without a signature');
      const signed = signature(Signature);
      if (!proven.has(key.kid)) prove(key, bytes, signed);
      return `${input}.${Buffer.from(signed).toString('base64url')}`;
    },
  };
}

/** The key that signs now; that there is none is a fault of the deployment. */
function activeKey(keys: readonly SigningKey[], algorithm: SigningAlgorithm): SigningKey {
  const key = keys.find((candidate) => candidate.state === 'active' && candidate.algorithm === algorithm);
  if (key === undefined) throw new Error(`no active ${algorithm} signing key`);
  return key;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
