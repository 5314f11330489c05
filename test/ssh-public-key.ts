import { createHash, generateKeyPairSync } from 'node:crypto';

/** A fresh Ed25519 public key as `ssh-keygen` writes it into a `.pub` file, and what `ssh-keygen -l` prints of it. */
export function newSshPublicKey(comment = 'somebody@somewhere'): {
  readonly line: string;
  readonly fingerprint: string;
} {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const parts = [Buffer.from('ssh-ed25519'), Buffer.from(x, 'base64url')];
  const blob = Buffer.concat(parts.flatMap((part) => [Buffer.from([0, 0, 0, part.length]), part]));
  const hash = createHash('sha256').update(blob).digest('base64').replace(/=$/, '');
  return { line: `ssh-ed25519 ${blob.toString('base64')} ${comment}`, fingerprint: `SHA256:${hash}` };
}
