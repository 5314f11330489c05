import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newTotpSecret, stepOfCode, totpUri } from '../../../src/authentication/totp.ts';

/** RFC 6238, appendix B: the secret "12345678901234567890", of whose eight digits apps show the last six. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('a code', () => {
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at %i seconds is %s (RFC 6238, appendix B)', (seconds, code) => {
    expect(stepOfCode(code, secret, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  it('counts one step before and after its own, and no further', () => {
    const step = Math.floor(1234567890 / 30);
    const at = (steps: number) => stepOfCode('005924', secret, (step + steps) * 30_000);
    expect([-2, -1, 0, 1, 2].map(at)).toEqual([undefined, step, step, step, undefined]);
  });

  it('may be typed with a space in it, and is nothing else', () => {
    const now = 1234567890_000;
    expect(stepOfCode(' 005 924 ', secret, now)).toBeDefined();
    for (const typed of ['', '005925', '05924', '0059240', '٠٠٥٩٢٤', 'abcdef', '-05924', '5924e0'])
      expect(stepOfCode(typed, secret, now), typed).toBeUndefined();
  });
});

it('a secret is 160 random bits, and an app is told whose it is', () => {
  const made = newTotpSecret(randomBytes);
  expect(made).toMatch(/^[A-Z2-7]{32}$/);
  expect(newTotpSecret(randomBytes)).not.toBe(made);
  const uri = new URL(totpUri(made, { issuer: 'Acme & Co', label: 'ada' }));
  expect(uri.protocol).toBe('otpauth:');
  expect(uri.searchParams.get('secret')).toBe(made);
  expect(uri.searchParams.get('issuer')).toBe('Acme & Co');
});
