import { randomBytes } from 'node:crypto';

/** Temporary credentials as a function's role gets them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Invents credentials that nobody can guess and that open nothing but this process's own AWS endpoint. */
export function inventCredentials(): Credentials {
  const characters = [...randomBytes(16)].map((byte) => base32[byte % base32.length]);
  return {
    accessKeyId: `ASIA${characters.join('')}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(48).toString('base64'),
  };
}
