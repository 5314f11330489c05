import { createHash, createPublicKey } from 'node:crypto';
import sshpk from 'sshpk';
import { InvalidInput } from '../../entities/errors.ts';
import type { SshKey } from '../../entities/ssh-key.ts';

/** What is taken from the text of a key; its comment is the writer's own and is not. */
export type SshPublicKey = Pick<SshKey, 'type' | 'blob' | 'fingerprint'>;

const types = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];
const leastRsaBits = 3072;
/** OpenSSH itself refuses longer ones. */
const mostRsaBits = 16_384;

const line = /^(?<type>[^ \t]+)[ \t]+(?<blob>[0-9A-Za-z+/]+={0,2})(?:[ \t].*)?$/;

/**
 * Reads one line as `ssh-keygen` writes it into a `.pub` file: type, key, and a comment, which is ignored.
 *
 * @throws InvalidInput at `/key`, whose text never repeats the input: it may hold somebody's private key
 */
export function parseSshPublicKey(text: string): SshPublicKey {
  const trimmed = text.trim();
  if (/PRIVATE KEY/.test(trimmed)) refuse('is a private key: keep it, and send the one that ends in .pub');
  if (/[\r\n]/.test(trimmed)) refuse('must be one key on one line');
  const { type = '', blob = '' } = line.exec(trimmed)?.groups ?? {};
  if (/-cert-v\d+@openssh\.com$/.test(type)) refuse('is a certificate: send the public key that it was made for');
  if (!types.includes(type))
    refuse(`must begin with its type, without options before it; types accepted are ${types.join(', ')}`);
  const bytes = Buffer.from(blob, 'base64');
  const key = parsed(bytes);
  // One key, one text, one fingerprint: what the library reads leniently is refused, as sshd would never offer it.
  if (key === undefined || typeOf(bytes) !== type || !canonical(key).equals(bytes) || bytes.toString('base64') !== blob)
    refuse('is not a whole public key of its type');
  else if (!isSound(key)) refuse('has numbers that are no sound key of its type');
  else if (key.type === 'rsa' && (key.size < leastRsaBits || key.size > mostRsaBits))
    refuse(`must have ${leastRsaBits} to ${mostRsaBits} bits where it is RSA`);
  return { type, blob, fingerprint: fingerprintOfBlob(bytes) };
}

function refuse(detail: string): never {
  throw new InvalidInput([{ pointer: '/key', detail }]);
}

/** The library throws whatever its asserts throw; all of it means that this is no key. */
function parsed(bytes: Buffer): sshpk.Key | undefined {
  try {
    return sshpk.parseKey(bytes, 'rfc4253');
  } catch {
    return undefined;
  }
}

/** RFC 4253 §6.6: the blob begins with its type. */
function typeOf(bytes: Buffer): string {
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1');
}

function canonical(key: sshpk.Key): Buffer {
  return key.toBuffer('rfc4253', {});
}

/** Whether the numbers are a key: a point that lies on its curve, an exponent that protects anything. */
function isSound(key: sshpk.Key): boolean {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: key.toBuffer('pkcs8', {}), format: 'pem' });
    const exponent = asymmetricKeyDetails?.publicExponent;
    return exponent === undefined || (exponent > 2n && exponent % 2n === 1n);
  } catch {
    return false;
  }
}

/** As `ssh-keygen -l` prints it: base64 without padding. */
function fingerprintOfBlob(bytes: Buffer): string {
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
}
