import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../aws/service.ts';
import type { WireInput } from '../aws/wire-input.ts';
import { keyIdOf, open, seal } from './ciphertext.ts';
import type { Key } from './key.ts';
import { digestOf, type SigningAlgorithm, signingAlgorithms } from './signing-algorithms.ts';

/** A key with its ARN, found for the call. */
export interface KeyInUse {
  readonly key: Key;
  readonly arn: string;
  readonly accountId: string;
}

export interface Operation {
  /** The usage a key must have, where the operation needs one. */
  readonly usage?: string;
  /** Whether a disabled key still answers: only `DescribeKey` does. */
  readonly disabledToo?: boolean;
  readonly run: (input: WireInput, used: KeyInUse) => Record<string, unknown>;
}

const symmetric = 'SYMMETRIC_DEFAULT';
const base64 = (bytes: Buffer): string => bytes.toString('base64');

/** The operations of KMS that the local run answers, each as the KMS API Reference describes it. */
export const operations: Readonly<Record<string, Operation>> = {
  Sign: {
    usage: 'SIGN_VERIFY',
    run: (input, { key, arn }) => {
      const name = input.text('SigningAlgorithm');
      const algorithm = fittingAlgorithm(name, key);
      const signature = algorithm.sign(signedInput(input, name, algorithm), key.secret);
      return { KeyId: arn, Signature: base64(signature), SigningAlgorithm: name };
    },
  },
  Verify: {
    usage: 'SIGN_VERIFY',
    run: (input, { key, arn }) => {
      const name = input.text('SigningAlgorithm');
      const algorithm = fittingAlgorithm(name, key);
      const signature = input.bytes('Signature', 1, 6144);
      const message = signedInput(input, name, algorithm);
      if (key.publicKey === undefined || !algorithm.verify(message, signature, key.publicKey)) {
        throw new AwsError('KMSInvalidSignatureException', '');
      }
      return { KeyId: arn, SignatureValid: true, SigningAlgorithm: name };
    },
  },
  GetPublicKey: {
    run: (_input, { key, arn }) => {
      if (key.publicKey === undefined) {
        throw new AwsError('UnsupportedOperationException', `${arn} is not an asymmetric key.`);
      }
      const { keySpec, keyUsage } = key;
      return {
        KeyId: arn,
        PublicKey: base64(key.publicKey.export({ type: 'spki', format: 'der' })),
        CustomerMasterKeySpec: keySpec,
        KeySpec: keySpec,
        KeyUsage: keyUsage,
        ...algorithmsOf(key),
      };
    },
  },
  DescribeKey: {
    disabledToo: true,
    run: (_input, { key, arn, accountId }) => ({
      KeyMetadata: {
        AWSAccountId: accountId,
        KeyId: key.keyId,
        Arn: arn,
        CreationDate: key.createdAt / 1000,
        Description: key.description,
        Enabled: key.enabled,
        KeyState: key.enabled ? 'Enabled' : 'Disabled',
        KeyManager: 'CUSTOMER',
        Origin: 'AWS_KMS',
        MultiRegion: false,
        CustomerMasterKeySpec: key.keySpec,
        KeySpec: key.keySpec,
        KeyUsage: key.keyUsage,
        ...algorithmsOf(key),
      },
    }),
  },
  Encrypt: {
    usage: 'ENCRYPT_DECRYPT',
    run: (input, { key, arn }) => {
      const plaintext = input.bytes('Plaintext', 1, 4096);
      const blob = seal(key.keyId, key.secret, plaintext, input.textMap('EncryptionContext'));
      return { KeyId: arn, CiphertextBlob: base64(blob), EncryptionAlgorithm: symmetric };
    },
  },
  Decrypt: {
    usage: 'ENCRYPT_DECRYPT',
    run: (input, { key, arn }) => {
      const blob = ciphertextOf(input);
      if (keyIdOf(blob) !== key.keyId) {
        throw new AwsError(
          'IncorrectKeyException',
          'The key ID in the request does not identify a CMK that can perform this operation.',
        );
      }
      const plaintext = open(blob, key.secret, input.textMap('EncryptionContext'));
      return { KeyId: arn, Plaintext: base64(plaintext), EncryptionAlgorithm: symmetric };
    },
  },
  GenerateDataKey: {
    usage: 'ENCRYPT_DECRYPT',
    run: (input, { key, arn }) => {
      const dataKey = randomBytes(dataKeyBytes(input));
      const blob = seal(key.keyId, key.secret, dataKey, input.textMap('EncryptionContext'));
      return { KeyId: arn, CiphertextBlob: base64(blob), Plaintext: base64(dataKey) };
    },
  },
  GenerateMac: {
    usage: 'GENERATE_VERIFY_MAC',
    run: (input, { key, arn }) => ({ KeyId: arn, Mac: base64(macOf(input, key)), MacAlgorithm: 'HMAC_SHA_256' }),
  },
  VerifyMac: {
    usage: 'GENERATE_VERIFY_MAC',
    run: (input, { key, arn }) => {
      const [expected, presented] = [macOf(input, key), input.bytes('Mac', 1, 6144)];
      if (presented.length !== expected.length || !timingSafeEqual(presented, expected)) {
        throw new AwsError('KMSInvalidMacException', '');
      }
      return { KeyId: arn, MacValid: true, MacAlgorithm: 'HMAC_SHA_256' };
    },
  },
};

/** The ciphertext of a `Decrypt` call. */
export function ciphertextOf(input: WireInput): Buffer {
  return input.bytes('CiphertextBlob', 1, 6144);
}

function fittingAlgorithm(name: string, { keySpec }: Key): SigningAlgorithm {
  const algorithm = signingAlgorithms[name];
  if (algorithm === undefined) {
    throw new AwsError('ValidationException', `the local run has no SigningAlgorithm ${name}`);
  }
  if (!algorithm.keySpecs.includes(keySpec)) {
    throw new AwsError('InvalidKeyUsageException', `Algorithm ${name} is incompatible with key spec ${keySpec}.`);
  }
  return algorithm;
}

/** What is signed or verified: the digest as given, or made of the raw message. EdDSA takes the raw message only. */
function signedInput(input: WireInput, name: string, algorithm: SigningAlgorithm): Buffer {
  const message = input.bytes('Message', 1, 4096);
  const messageType = input.optionalText('MessageType') ?? 'RAW';
  if (messageType === 'RAW') {
    return digestOf(algorithm, message);
  }
  if (messageType !== 'DIGEST' || algorithm.digest === undefined) {
    throw new AwsError('ValidationException', `MessageType ${messageType} is not valid for algorithm ${name}.`);
  }
  if (message.length !== algorithm.digest.bytes) {
    throw new AwsError('ValidationException', `Digest is invalid length for algorithm ${name}.`);
  }
  return message;
}

function dataKeyBytes(input: WireInput): number {
  const sizes: Readonly<Record<string, number>> = { AES_128: 16, AES_256: 32 };
  const size = input.has('KeySpec') ? sizes[input.text('KeySpec')] : input.optionalInteger('NumberOfBytes');
  if (size === undefined || size < 1 || size > 1024 || input.has('KeySpec') === input.has('NumberOfBytes')) {
    throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  return size;
}

function macOf(input: WireInput, key: Key): Buffer {
  const name = input.text('MacAlgorithm');
  if (name !== 'HMAC_SHA_256') {
    throw new AwsError('InvalidKeyUsageException', `Algorithm ${name} is incompatible with key spec ${key.keySpec}.`);
  }
  return createHmac('sha256', key.secret)
    .update(input.bytes('Message', 1, 4096))
    .digest();
}

function algorithmsOf({ keySpec, keyUsage }: Key): Record<string, readonly string[]> {
  if (keyUsage === 'SIGN_VERIFY') {
    const fitting = Object.entries(signingAlgorithms).filter(([, { keySpecs }]) => keySpecs.includes(keySpec));
    return { SigningAlgorithms: fitting.map(([name]) => name) };
  }
  return keyUsage === 'ENCRYPT_DECRYPT' ? { EncryptionAlgorithms: [symmetric] } : { MacAlgorithms: ['HMAC_SHA_256'] };
}
