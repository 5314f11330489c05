import { constants, createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Kms } from '../../../local/kms/kms.ts';

const place = { region: 'eu-central-1', accountId: '123456789012' };
const signing = { KeyUsage: 'SIGN_VERIFY' };

let kms: Kms;
beforeEach(async () => {
  kms = await Kms.open({ directory: undefined, ...place });
});

type Answer = Record<string, string>;
const call = async (operation: string, input: object): Promise<Answer> => (await kms.call(operation, input)) as Answer;
const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');
const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

async function publicKeyOf(KeyId: string) {
  const { PublicKey } = await call('GetPublicKey', { KeyId });
  return createPublicKey({ key: bytes(PublicKey), format: 'der', type: 'spki' });
}

describe('a signature', () => {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

  it.each([
    ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', {}],
    ['RSA_3072', 'RSASSA_PKCS1_V1_5_SHA_256', {}],
    ['RSA_2048', 'RSASSA_PSS_SHA_256', pss],
    ['RSA_3072', 'RSASSA_PSS_SHA_256', pss],
    ['ECC_NIST_P256', 'ECDSA_SHA_256', { dsaEncoding: 'der' as const }],
  ])(
    'of a %s key with %s verifies with the public key, of message and digest alike',
    async (KeySpec, SigningAlgorithm, options) => {
      const { arn: KeyId } = await kms.ensureKey('Key', { KeySpec, ...signing });
      const key = await publicKeyOf(KeyId);
      for (let round = 0; round < 8; round++) {
        const message = `header.payload ${round}`;
        const digest = { MessageType: 'DIGEST', Message: base64(sha256(message)) };
        for (const given of [digest, { MessageType: 'RAW', Message: base64(message) }, { Message: base64(message) }]) {
          const { Signature } = await call('Sign', { KeyId, SigningAlgorithm, ...given });
          expect(verify('sha256', Buffer.from(message), { key, ...options }, bytes(Signature))).toBe(true);
          expect(await call('Verify', { KeyId, SigningAlgorithm, ...digest, Signature })).toMatchObject({
            SignatureValid: true,
          });
        }
      }
    },
  );

  it('of an Ed25519 key takes the message itself, and no digest', async () => {
    const { arn: KeyId } = await kms.ensureKey('Key', { KeySpec: 'ECC_NIST_EDWARDS25519', ...signing });
    const SigningAlgorithm = 'ED25519_SHA_512';
    const { Signature } = await call('Sign', {
      KeyId,
      SigningAlgorithm,
      Message: base64('header.payload'),
      MessageType: 'RAW',
    });
    expect(verify(null, Buffer.from('header.payload'), await publicKeyOf(KeyId), bytes(Signature))).toBe(true);
    const digest = { Message: base64(randomBytes(64)), MessageType: 'DIGEST' };
    await expect(call('Sign', { KeyId, SigningAlgorithm, ...digest })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it.each(['RSASSA_PKCS1_V1_5_SHA_256', 'RSASSA_PSS_SHA_256', 'ECDSA_SHA_256'])(
    'of %s, once changed, is refused',
    async (SigningAlgorithm) => {
      const KeySpec = SigningAlgorithm.startsWith('RSA') ? 'RSA_2048' : 'ECC_NIST_P256';
      const { arn: KeyId } = await kms.ensureKey('Key', { KeySpec, ...signing });
      const given = { KeyId, SigningAlgorithm, Message: base64(randomBytes(32)), MessageType: 'DIGEST' };
      const signature = bytes((await call('Sign', given)).Signature);
      await fc.assert(
        fc.asyncProperty(fc.nat(signature.length * 8 - 1), async (bit) => {
          const changed = Buffer.from(signature);
          changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
          await expect(call('Verify', { ...given, Signature: base64(changed) })).rejects.toMatchObject({
            code: 'KMSInvalidSignatureException',
          });
        }),
        { numRuns: 20 },
      );
      await call('Verify', { ...given, Signature: base64(signature) });
    },
  );

  it('needs a digest of the right length, a message of at most 4,096 bytes, and an algorithm that fits', async () => {
    const { arn: KeyId } = await kms.ensureKey('Key', { KeySpec: 'RSA_2048', ...signing });
    const sound = {
      KeyId,
      SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
      Message: base64(randomBytes(32)),
      MessageType: 'DIGEST',
    };
    const refusal = (change: object) => expect(call('Sign', { ...sound, ...change })).rejects;
    await refusal({ Message: base64(randomBytes(31)) }).toMatchObject({ code: 'ValidationException' });
    await refusal({ Message: base64(randomBytes(4097)), MessageType: 'RAW' }).toMatchObject({
      code: 'ValidationException',
    });
    await refusal({ Message: 'no base64!' }).toMatchObject({ code: 'ValidationException' });
    await refusal({ SigningAlgorithm: 'ECDSA_SHA_256' }).toMatchObject({ code: 'InvalidKeyUsageException' });
    await refusal({ KeyId: randomBytes(8).toString('hex') }).toMatchObject({ code: 'NotFoundException' });
    await refusal({ DryRun: true }).toThrow('DryRun');
    await call('Sign', sound);
    await call('Sign', { ...sound, Message: base64(randomBytes(4096)), MessageType: 'RAW' });
  });
});

describe('an encrypted text', () => {
  const EncryptionContext = { tenant: 'a', client_id: 'b' };
  let KeyId: string;
  let CiphertextBlob: string;
  beforeEach(async () => {
    KeyId = (await kms.ensureKey('Secrets', { EnableKeyRotation: true })).arn;
    CiphertextBlob =
      (await call('Encrypt', { KeyId, Plaintext: base64('lks'), EncryptionContext })).CiphertextBlob ?? '';
  });
  const decrypt = (change: object) => call('Decrypt', { CiphertextBlob, EncryptionContext, ...change });

  it('is decrypted with the same context in any order, the key named or not', async () => {
    const answer = { KeyId, Plaintext: base64('lks') };
    expect(await decrypt({})).toMatchObject(answer);
    expect(await decrypt({ KeyId, EncryptionContext: { client_id: 'b', tenant: 'a' } })).toMatchObject(answer);
  });

  it.each([
    ['none', undefined],
    ['fewer pairs', { tenant: 'a' }],
    ['another value', { tenant: 'a', client_id: 'B' }],
    ['a key in another case', { Tenant: 'a', client_id: 'b' }],
  ])('is refused with another context: %s', async (_what, context) => {
    await expect(decrypt({ EncryptionContext: context })).rejects.toMatchObject({ code: 'InvalidCiphertextException' });
  });

  it('is refused once changed, cut off, or presented to another key', async () => {
    const changed = bytes(CiphertextBlob);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    await expect(decrypt({ CiphertextBlob: base64(changed) })).rejects.toMatchObject({
      code: 'InvalidCiphertextException',
    });
    await expect(decrypt({ CiphertextBlob: base64(changed.subarray(0, 20)) })).rejects.toMatchObject({
      code: 'InvalidCiphertextException',
    });
    const other = await kms.ensureKey('Other', {});
    await expect(decrypt({ KeyId: other.arn })).rejects.toMatchObject({ code: 'IncorrectKeyException' });
  });

  it('is of at most 4,096 bytes', async () => {
    await call('Encrypt', { KeyId, Plaintext: base64(randomBytes(4096)) });
    await expect(call('Encrypt', { KeyId, Plaintext: base64(randomBytes(4097)) })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('may be a data key, which decrypts to what was given in clear', async () => {
    const made = await call('GenerateDataKey', { KeyId, KeySpec: 'AES_256', EncryptionContext });
    expect(bytes(made.Plaintext)).toHaveLength(32);
    expect(await decrypt({ CiphertextBlob: made.CiphertextBlob })).toMatchObject({ Plaintext: made.Plaintext });
    await expect(call('GenerateDataKey', { KeyId })).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('a MAC', () => {
  it('verifies, and once changed is refused', async () => {
    const { arn: KeyId } = await kms.ensureKey('Mac', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const given = { KeyId, MacAlgorithm: 'HMAC_SHA_256', Message: base64('cursor') };
    const { Mac } = await call('GenerateMac', given);
    expect(await call('VerifyMac', { ...given, Mac })).toMatchObject({ MacValid: true });
    await expect(call('VerifyMac', { ...given, Mac: base64(randomBytes(32)) })).rejects.toMatchObject({
      code: 'KMSInvalidMacException',
    });
  });
});

describe('a key', () => {
  it('that is disabled does nothing but tell so', async () => {
    const { arn: KeyId } = await kms.ensureKey('Key', { Enabled: false });
    await expect(call('Encrypt', { KeyId, Plaintext: base64('x') })).rejects.toMatchObject({
      code: 'DisabledException',
    });
    expect(await kms.call('DescribeKey', { KeyId })).toMatchObject({
      KeyMetadata: { KeyState: 'Disabled', Arn: KeyId },
    });
    await kms.ensureKey('Key', { Enabled: true });
    await call('Encrypt', { KeyId, Plaintext: base64('x') });
  });

  it('serves only its own usage', async () => {
    const { arn: KeyId } = await kms.ensureKey('Key', { KeySpec: 'RSA_2048', ...signing });
    await expect(call('Encrypt', { KeyId, Plaintext: base64('x') })).rejects.toMatchObject({
      code: 'InvalidKeyUsageException',
    });
    const symmetric = await kms.ensureKey('Symmetric', {});
    await expect(call('GetPublicKey', { KeyId: symmetric.arn })).rejects.toMatchObject({
      code: 'UnsupportedOperationException',
    });
  });

  it('is found by id, ARN, alias and alias ARN, and permissions name its ARN', async () => {
    const { keyId, arn } = await kms.ensureKey('Key', {});
    kms.ensureAlias('alias/latchkey/data', keyId);
    const aliasArn = arn.replace(/key\/.*/, 'alias/latchkey/data');
    for (const KeyId of [keyId, arn, 'alias/latchkey/data', aliasArn]) {
      expect(await kms.call('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { Arn: arn } });
      expect(kms.permissions('DescribeKey', { KeyId })).toMatchObject([{ action: 'kms:DescribeKey', resource: arn }]);
    }
    await expect(call('DescribeKey', { KeyId: 'alias/other' })).rejects.toMatchObject({ code: 'NotFoundException' });
  });

  it.each([
    [{ KeySpec: 'RSA_2048' }, 'RSA_2048 with KeyUsage ENCRYPT_DECRYPT'],
    [{ KeySpec: 'SM2', ...signing }, 'SM2'],
    [{ BypassPolicyLockoutSafetyCheck: true }, 'BypassPolicyLockoutSafetyCheck'],
    [{ MultiRegion: true }, 'MultiRegion'],
  ])('declared as %j is an error that names what is not known', async (properties, message) => {
    await expect(kms.ensureKey('Key', properties)).rejects.toThrow(message);
  });
});

describe('the condition keys of a call', () => {
  it('are those that KMS sets, defaults included', async () => {
    const { arn: KeyId } = await kms.ensureKey('Key', { KeySpec: 'RSA_2048', ...signing });
    const input = { KeyId, SigningAlgorithm: 'RSASSA_PSS_SHA_256', Message: base64('x') };
    expect(kms.permissions('Sign', input)[0]?.context).toMatchObject({
      'kms:SigningAlgorithm': ['RSASSA_PSS_SHA_256'],
      'kms:MessageType': ['RAW'],
      'kms:KeySpec': ['RSA_2048'],
      'kms:KeyUsage': ['SIGN_VERIFY'],
      'kms:CallerAccount': ['123456789012'],
    });
    const symmetric = await kms.ensureKey('Symmetric', {});
    const encrypted = { KeyId: symmetric.keyId, Plaintext: base64('x'), EncryptionContext: { tenant: 'a' } };
    expect(kms.permissions('Encrypt', encrypted)[0]?.context).toMatchObject({
      'kms:EncryptionContext:tenant': ['a'],
      'kms:EncryptionContextKeys': ['tenant'],
      'kms:EncryptionAlgorithm': ['SYMMETRIC_DEFAULT'],
    });
  });
});

describe('keys on disk', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'latchkey-kms-'));
  });
  afterEach(() => rm(directory, { recursive: true }));
  const reopen = async () => {
    kms = await Kms.open({ directory, ...place });
  };

  it('are the same after a restart, readable by their owner only', async () => {
    await reopen();
    const first = await kms.ensureKey('Key', {});
    const sealed = await call('Encrypt', { KeyId: first.arn, Plaintext: base64('x') });
    await reopen();
    expect(await kms.ensureKey('Key', {})).toEqual(first);
    expect(await call('Decrypt', { CiphertextBlob: sealed.CiphertextBlob })).toMatchObject({ Plaintext: base64('x') });
    const [file = ''] = await readdir(directory);
    expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
  });

  it('are replaced by another spec, and the former one stays', async () => {
    await reopen();
    const former = await kms.ensureKey('Key', {});
    const next = await kms.ensureKey('Key', { KeySpec: 'ECC_NIST_P256', ...signing });
    await reopen();
    expect(next.arn).not.toBe(former.arn);
    expect(await kms.ensureKey('Key', { KeySpec: 'ECC_NIST_P256', ...signing })).toEqual(next);
    await call('Encrypt', { KeyId: former.arn, Plaintext: base64('x') });
  });

  it('survive what a crash left of an unfinished write', async () => {
    await reopen();
    const key = await kms.ensureKey('Key', {});
    const [file = ''] = await readdir(directory);
    const whole = await readFile(join(directory, file), 'utf8');
    await writeFile(join(directory, `${file}.crashed.tmp`), whole.slice(0, 20));
    await reopen();
    expect(await kms.ensureKey('Key', {})).toEqual(key);
    expect(await readdir(directory)).toEqual([file]);
  });
});
