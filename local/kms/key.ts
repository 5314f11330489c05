import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import type { PolicyDocument } from '../iam/types.ts';

/** A key as its file holds it. `material` is base64: PKCS #8 of a key pair, the bytes themselves of a symmetric key. */
const StoredKey = z.strictObject({
  keyId: z.string(),
  logicalId: z.string(),
  keySpec: z.string(),
  keyUsage: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  createdAt: z.number(),
  policy: z.custom<PolicyDocument>((value) => typeof value === 'object' && value !== null),
  material: z.string(),
});
export type StoredKey = z.infer<typeof StoredKey>;

/** A key ready for use; a symmetric key has no public part. */
export interface Key extends StoredKey {
  readonly secret: KeyObject;
  readonly publicKey: KeyObject | undefined;
}

const makeKeyPair = promisify(generateKeyPair);
const pkcs8 = ({ privateKey }: { privateKey: KeyObject }): Buffer =>
  privateKey.export({ type: 'pkcs8', format: 'der' });

const rsa = async (modulusLength: number) => pkcs8(await makeKeyPair('rsa', { modulusLength }));

/** What CloudFormation may declare here: each key spec with the one usage it serves, and how its material is made. */
const keySpecs: Readonly<Record<string, { readonly usage: string; readonly make: () => Promise<Buffer> }>> = {
  RSA_2048: { usage: 'SIGN_VERIFY', make: () => rsa(2048) },
  RSA_3072: { usage: 'SIGN_VERIFY', make: () => rsa(3072) },
  RSA_4096: { usage: 'SIGN_VERIFY', make: () => rsa(4096) },
  ECC_NIST_P256: {
    usage: 'SIGN_VERIFY',
    make: async () => pkcs8(await makeKeyPair('ec', { namedCurve: 'P-256' })),
  },
  ECC_NIST_EDWARDS25519: {
    usage: 'SIGN_VERIFY',
    make: async () => pkcs8(await makeKeyPair('ed25519')),
  },
  SYMMETRIC_DEFAULT: { usage: 'ENCRYPT_DECRYPT', make: async () => randomBytes(32) },
  HMAC_256: { usage: 'GENERATE_VERIFY_MAC', make: async () => randomBytes(32) },
};

/** @throws {Error} naming a key spec, or a usage of it, that is not known here. */
export function checkKeyKind(keySpec: string, keyUsage: string): void {
  if (keySpecs[keySpec]?.usage !== keyUsage) {
    throw new Error(`the local run has no KMS key of KeySpec ${keySpec} with KeyUsage ${keyUsage}`);
  }
}

/** Makes a key with new material and a new id. */
export async function makeKey(
  declared: Pick<StoredKey, 'logicalId' | 'keySpec' | 'keyUsage' | 'description' | 'enabled' | 'policy'>,
): Promise<StoredKey> {
  const material = await keySpecs[declared.keySpec]?.make();
  return {
    ...declared,
    keyId: randomUUID(),
    createdAt: Date.now(),
    material: (material ?? Buffer.alloc(0)).toString('base64'),
  };
}

/** @throws {Error} for text that is no key's file. */
export function parseStoredKey(text: string): StoredKey {
  return StoredKey.parse(JSON.parse(text));
}

/** Loads the material once, so that no call parses it again. */
export function loadKey(stored: StoredKey): Key {
  const material = Buffer.from(stored.material, 'base64');
  if (stored.keyUsage !== 'SIGN_VERIFY') {
    return { ...stored, secret: createSecretKey(material), publicKey: undefined };
  }
  const secret = createPrivateKey({ key: material, format: 'der', type: 'pkcs8' });
  return { ...stored, secret, publicKey: createPublicKey(secret) };
}
