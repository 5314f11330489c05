import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  currentParameters,
  decoyHash,
  isOutdated,
  isPassword,
  passwordHash,
} from '../../../src/authentication/password-hash.ts';
import { cheap, password } from './scene.ts';

describe('a password hash', () => {
  it('says how it was made, is another one each time, and fits its password alone', async () => {
    const [one, other] = [
      await passwordHash(password, randomBytes, cheap),
      await passwordHash(password, randomBytes, cheap),
    ];
    expect(one).toMatch(/^\$scrypt\$ln=4,r=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await isPassword(password, one)).toBe(true);
    expect(await isPassword(`${password} `, one)).toBe(false);
    expect(await isPassword('', one)).toBe(false);
  });

  it('is checked with the parameters that it was made with', async () => {
    const dearer = await passwordHash(password, randomBytes, { logN: 6, r: 2, p: 2 });
    expect(await isPassword(password, dearer)).toBe(true);
    expect(isOutdated(dearer, cheap)).toBe(true);
    expect(isOutdated(await passwordHash(password, randomBytes, cheap), cheap)).toBe(false);
  });

  it('of nobody fits nothing, and costs what others cost', async () => {
    expect(await isPassword(password, decoyHash(cheap))).toBe(false);
    expect(await isPassword('', decoyHash(cheap))).toBe(false);
    expect(isOutdated(decoyHash(currentParameters), currentParameters)).toBe(false);
  });

  it('costs 128 MiB today (OWASP: N=2^17, r=8, p=1)', async () => {
    expect(currentParameters).toEqual({ logN: 17, r: 8, p: 1 });
    const hash = await passwordHash(password, randomBytes, currentParameters);
    expect(await isPassword(password, hash)).toBe(true);
  }, 20_000);

  it('in no known form is a fault, not a refusal', async () => {
    await expect(isPassword(password, '$argon2id$')).rejects.toThrow();
  });
});
