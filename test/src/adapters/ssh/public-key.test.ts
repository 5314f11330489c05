import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sshpk from 'sshpk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSshPublicKey } from '../../../../src/adapters/ssh/public-key.ts';
import { InvalidInput } from '../../../../src/entities/errors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-ssh-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A key pair as people make one. */
function generated(name: string, ...options: readonly string[]) {
  const path = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'somebody@somewhere', '-f', path, ...options]);
  return { path, private: readFileSync(path, 'utf8'), public: readFileSync(`${path}.pub`, 'utf8') };
}

/** The fingerprint that OpenSSH itself prints. */
const printed = (path: string) =>
  execFileSync('ssh-keygen', ['-l', '-f', `${path}.pub`], { encoding: 'utf8' }).split(' ')[1];

const refusal = (text: string) => {
  try {
    return parseSshPublicKey(text) && undefined;
  } catch (error) {
    return error instanceof InvalidInput ? error.faults : error;
  }
};
const refusedAs = (detail: string) => [{ pointer: '/key', detail: expect.stringContaining(detail) }];

const accepted = [
  ['ssh-ed25519', ['-t', 'ed25519']],
  ['ecdsa-sha2-nistp256', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa-sha2-nistp384', ['-t', 'ecdsa', '-b', '384']],
  ['ecdsa-sha2-nistp521', ['-t', 'ecdsa', '-b', '521']],
  ['ssh-rsa', ['-t', 'rsa', '-b', '3072']],
] as const;

describe('a public key', () => {
  it.each(accepted)('of type %s is read, with the fingerprint that ssh-keygen prints', (type, options) => {
    const pair = generated(type, ...options);
    const [, blob] = pair.public.split(' ');
    const key = { type, blob, fingerprint: printed(pair.path) };
    expect(parseSshPublicKey(pair.public)).toEqual(key);
    expect(parseSshPublicKey(`${type} ${blob}`)).toEqual(key);
  });

  it.each(accepted)('of type %s is refused once any of its bytes is gone', (type, options) => {
    const [, blob = ''] = generated(`cut-${type}`, ...options).public.split(' ');
    const bytes = Buffer.from(blob, 'base64');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (at) => {
        const cut = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
        expect(refusal(`${type} ${cut.toString('base64')}`)).toEqual(refusedAs(''));
      }),
      { numRuns: 40 },
    );
  });
});

describe('refused is', () => {
  let key: string;
  beforeAll(() => {
    key = generated('key', '-t', 'ed25519').public.trim();
  });

  it('RSA of fewer than 3072 bits', () => {
    expect(refusal(generated('short', '-t', 'rsa', '-b', '2048').public)).toEqual(refusedAs('3072'));
  });

  it('a private key, of which nothing is repeated', () => {
    const { private: secret } = generated('private', '-t', 'ed25519');
    const faults = refusal(secret);
    expect(faults).toEqual(refusedAs('is a private key'));
    expect(JSON.stringify(faults)).not.toContain(secret.split('\n')[1]);
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    expect(refusal(String(pem))).toEqual(refusedAs('is a private key'));
  });

  it('a certificate', () => {
    const authority = generated('authority', '-t', 'ed25519');
    const subject = generated('subject', '-t', 'ed25519');
    execFileSync('ssh-keygen', ['-q', '-s', authority.path, '-I', 'id', '-n', 'somebody', `${subject.path}.pub`]);
    expect(refusal(readFileSync(`${subject.path}-cert.pub`, 'utf8'))).toEqual(refusedAs('is a certificate'));
  });

  it('DSA', () => {
    const { publicKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
    const dsa = sshpk.parseKey(publicKey.export({ type: 'spki', format: 'pem' }) as string, 'pem').toString('ssh');
    expect(refusal(dsa)).toEqual(refusedAs('types accepted'));
  });

  it.each([
    ['options before it', (text: string) => `command="id",no-pty ${text}`],
    ['another type before it', (text: string) => text.replace('ssh-ed25519', 'ssh-rsa')],
    ['another type, of which it is no key', (text: string) => text.replace('ssh-ed25519', 'ecdsa-sha2-nistp256')],
    ['no type', (text: string) => text.split(' ')[1] ?? ''],
    ['a second line', (text: string) => `${text}\n${text}`],
    ['a second line after a bare carriage return', (text: string) => `${text}\r${text}`],
    [
      'bytes after it',
      (text: string) =>
        text.replace(/(AAAA\S+)/, (blob) =>
          Buffer.concat([Buffer.from(blob, 'base64'), Buffer.alloc(3)]).toString('base64'),
        ),
    ],
    ['signs that are no base64', (text: string) => text.replace('AAAA', 'AA-_')],
    ['bits that nobody reads', (text: string) => text.replace(/(AAAA\S+)/, '$1=')],
    ['nothing', () => ''],
  ])('one with %s', (_, faulty) => {
    expect(refusal(key)).toBeUndefined();
    expect(refusal(faulty(key))).toEqual(refusedAs(''));
  });

  it('a point that is on no curve', () => {
    const [type, blob = ''] = generated('point', '-t', 'ecdsa', '-b', '256').public.split(' ');
    const bytes = Buffer.from(blob, 'base64');
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    expect(refusal(`${type} ${bytes.toString('base64')}`)).toEqual(refusedAs('no sound key'));
  });

  it('an RSA key with an exponent that protects nothing, or with its modulus written in another way', () => {
    const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
    const blobOf = (exponent: Buffer, modulus: Buffer) =>
      `ssh-rsa ${Buffer.concat([Buffer.from('ssh-rsa'), exponent, modulus].map(part)).toString('base64')}`;
    const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 3072 }).publicKey.export({ format: 'jwk' });
    const modulus = Buffer.concat([Buffer.alloc(1), Buffer.from(n, 'base64url')]);
    expect(refusal(blobOf(Buffer.from([1, 0, 1]), modulus))).toBeUndefined();
    expect(refusal(blobOf(Buffer.from([1]), modulus))).toEqual(refusedAs('no sound key'));
    expect(refusal(blobOf(Buffer.from([0, 1, 0, 1]), modulus))).toEqual(refusedAs('not a whole public key'));
    expect(refusal(blobOf(Buffer.from([1, 0, 1]), Buffer.concat([Buffer.alloc(1), modulus])))).toEqual(
      refusedAs('not a whole public key'),
    );
  });

  it('whatever else somebody sends', () => {
    const isRefused = (text: string) => {
      expect(refusal(text)).toEqual(refusedAs(''));
    };
    fc.assert(fc.property(fc.string(), isRefused));
    const blob = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    fc.assert(fc.property(blob, (text) => isRefused(`ssh-ed25519 ${text}`)));
  });
});
