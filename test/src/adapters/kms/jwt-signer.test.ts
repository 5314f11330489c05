import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { KMSClient, type SignCommandInput, type SignCommandOutput } from '@aws-sdk/client-kms';
import { compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { kmsJwtSigner } from '../../../../src/adapters/kms/jwt-signer.ts';
import { deploymentInMemory } from '../../../../src/adapters/memory/deployment.ts';
import { DependencyUnavailable } from '../../../../src/entities/errors.ts';
import type { SigningAlgorithm, SigningKey, SigningKeyState } from '../../../../src/entities/signing-key.ts';

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const newPairs = (): Readonly<Record<SigningAlgorithm, KeyPair>> => ({
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
});

const pairs = newPairs();
const otherPairs = newPairs();

/** Answers `Sign` in the place of KMS; what it was asked stands in `asked`. */
function kmsThat(answer: (input: SignCommandInput) => Uint8Array | Error | undefined) {
  const asked: SignCommandInput[] = [];
  const kms = new KMSClient({ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  kms.middlewareStack.add(
    () =>
      async ({ input }) => {
        const signInput = input as SignCommandInput;
        asked.push(signInput);
        const answered = answer(signInput);
        if (answered instanceof Error) throw answered;
        const output: SignCommandOutput = { $metadata: {}, ...(answered && { Signature: answered }) };
        return { output, response: {} };
      },
    { step: 'initialize', priority: 'high' },
  );
  return { kms, asked };
}

/** Signs as KMS does: RSA and EC a digest that was made before, which is here checked against the only message known. */
function signing(pair: KeyPair, algorithm: SigningAlgorithm, message: () => Buffer) {
  return () => sign(algorithm === 'EdDSA' ? null : 'sha256', message(), pair.privateKey);
}

function keyOf(algorithm: SigningAlgorithm, state: SigningKeyState = 'active', pair = pairs[algorithm]): SigningKey {
  return {
    kid: `${algorithm}-${state}`,
    name: 'main',
    algorithm,
    keyArn: `arn:aws:kms:eu-central-1:123456789012:key/${algorithm}-${state}`,
    publicJwk: pair.publicKey.export({ format: 'jwk' }) as Record<string, string>,
    state,
    since: '2026-11-21T10:00:00.000Z',
  };
}

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const messageOf = (algorithm: SigningAlgorithm) =>
  Buffer.from(`${encoded({ alg: algorithm, kid: `${algorithm}-active`, typ: 'at+jwt' })}.${encoded({ sub: 'int_1' })}`);

function signerOf(
  algorithm: SigningAlgorithm,
  answer = signing(pairs[algorithm], algorithm, () => messageOf(algorithm)),
) {
  const { kms, asked } = kmsThat(answer);
  const keys = [keyOf(algorithm, 'next'), keyOf('RS256'), keyOf('ES256'), keyOf('EdDSA'), keyOf(algorithm, 'retiring')];
  return { asked, signer: kmsJwtSigner({ kms, deployment: deploymentInMemory({ keys, apis: [] }), algorithm }) };
}

it('says how much it signs: KMS takes no more of a message for Ed25519, and a digest of any for the others', () => {
  const { kms } = kmsThat(() => undefined);
  const limitOf = (algorithm: SigningAlgorithm) =>
    kmsJwtSigner({ kms, deployment: deploymentInMemory({ keys: [], apis: [] }), algorithm }).limit;
  expect([limitOf('RS256'), limitOf('ES256'), limitOf('EdDSA')]).toEqual([undefined, undefined, 4_096]);
});

describe.each(['RS256', 'ES256', 'EdDSA'] as const)('a JWT signed with %s', (algorithm) => {
  it('verifies with the public key of the active key', async () => {
    const { signer } = signerOf(algorithm);
    const token = await signer.sign({ typ: 'at+jwt' }, { sub: 'int_1' });
    const { protectedHeader, payload } = await compactVerify(token, pairs[algorithm].publicKey, {
      algorithms: [algorithm],
    });
    expect(protectedHeader).toEqual({ alg: algorithm, kid: `${algorithm}-active`, typ: 'at+jwt' });
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({ sub: 'int_1' });
  });

  it('is one call of KMS, of the algorithm and message type that the role allows', async () => {
    const { asked, signer } = signerOf(algorithm);
    await signer.sign({ typ: 'at+jwt' }, { sub: 'int_1' });
    await signer.sign({ typ: 'at+jwt' }, { sub: 'int_1' });
    const digest = { MessageType: 'DIGEST', length: 32 };
    const expected = {
      RS256: { SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256', ...digest },
      ES256: { SigningAlgorithm: 'ECDSA_SHA_256', ...digest },
      EdDSA: { SigningAlgorithm: 'ED25519_SHA_512', MessageType: 'RAW', length: messageOf('EdDSA').length },
    }[algorithm];
    expect(asked).toHaveLength(2);
    for (const { KeyId, SigningAlgorithm, MessageType, Message } of asked) {
      expect(KeyId).toBe(keyOf(algorithm).keyArn);
      expect({ SigningAlgorithm, MessageType, length: Message?.length }).toEqual(expected);
    }
  });

  it('is not handed out where the KMS key is not the one of the row', async () => {
    const { signer } = signerOf(
      algorithm,
      signing(otherPairs[algorithm], algorithm, () => messageOf(algorithm)),
    );
    await expect(signer.sign({ typ: 'at+jwt' }, { sub: 'int_1' })).rejects.toThrow('does not sign for its public key');
  });
});

describe('503', () => {
  const failure = (members: object) => Object.assign(new Error('failed'), members);

  it.each<[string, Error]>([
    ['throttles', failure({ name: 'ThrottlingException', $fault: 'client' })],
    ['fails', failure({ name: 'KMSInternalException', $fault: 'server' })],
    ['times out inside', failure({ name: 'DependencyTimeoutException', $fault: 'server' })],
    ['cannot be reached', failure({ name: 'TimeoutError' })],
    ['refuses the connection', failure({ code: 'ECONNREFUSED' })],
  ])('where KMS %s', async (_, error) => {
    const { signer } = signerOf('RS256', () => error as never);
    await expect(signer.sign({}, {})).rejects.toThrow(DependencyUnavailable);
  });

  it('is not the answer to a refusal, which no retry cures', async () => {
    const denied = failure({ name: 'AccessDeniedException', $fault: 'client' });
    const { signer } = signerOf('RS256', () => denied as never);
    await expect(signer.sign({}, {})).rejects.toBe(denied);
  });
});

it('no token is signed where no key of the algorithm is active', async () => {
  const { kms, asked } = kmsThat(() => undefined);
  const deployment = deploymentInMemory({ keys: [keyOf('RS256', 'next'), keyOf('ES256')], apis: [] });
  await expect(kmsJwtSigner({ kms, deployment, algorithm: 'RS256' }).sign({}, {})).rejects.toThrow('no active RS256');
  expect(asked).toEqual([]);
});
