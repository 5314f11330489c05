import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../entities/identifiers.ts';

/** Cost parameters of scrypt (RFC 7914 §2): N is 2 to the power of `logN`. */
export interface ScryptParameters {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** What passwords are hashed with today: 128 MiB and some tenths of a second (OWASP Password Storage). */
export const currentParameters: ScryptParameters = { logN: 17, r: 8, p: 1 };

const hashLength = 32;
const saltLength = 16;

/** The one form in which passwords are compared: typed on another keyboard, the same characters are the same. */
export const normalizedPassword = (password: string) => password.normalize('NFKC');

function derived(password: string, salt: Uint8Array, { logN, r, p }: ScryptParameters): Promise<Buffer> {
  const N = 2 ** logN;
  const options: ScryptOptions = { N, r, p, maxmem: 128 * N * r + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(normalizedPassword(password), salt, hashLength, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

const written = ({ logN, r, p }: ScryptParameters, salt: Uint8Array, key: Uint8Array) =>
  `$scrypt$ln=${logN},r=${r},p=${p}$${base64(salt)}$${base64(key)}`;

/** A password's hash as a PHC string: `$scrypt$ln=17,r=8,p=1$salt$hash`, so that each says how it was made. */
export async function passwordHash(
  password: string,
  randomBytes: RandomBytes,
  parameters: ScryptParameters,
): Promise<string> {
  const salt = randomBytes(saltLength);
  return written(parameters, salt, await derived(password, salt, parameters));
}

/** What is compared with where there is nothing to compare with: the work is the same, and no password fits. */
export const decoyHash = (parameters: ScryptParameters) =>
  written(parameters, new Uint8Array(saltLength), new Uint8Array(hashLength));

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Whether it is the password that was hashed, with the parameters that it was hashed with. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, logN, r, p, salt, kept] = form.exec(stored) ?? [];
  if (salt === undefined || kept === undefined) throw new Error('a stored password hash is in no known form');
  const parameters = { logN: Number(logN), r: Number(r), p: Number(p) };
  const given = await derived(password, Buffer.from(salt, 'base64'), parameters);
  const expected = Buffer.from(kept, 'base64');
  return expected.length === given.length && timingSafeEqual(given, expected);
}

/** Whether a stored hash was made with other parameters than today's. */
export function isOutdated(stored: string, parameters: ScryptParameters): boolean {
  return !stored.startsWith(`$scrypt$ln=${parameters.logN},r=${parameters.r},p=${parameters.p}$`);
}
