import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId, newTenantId } from '../../../src/entities/identifiers.ts';
import { newFamilySecret, parseRefreshToken, refreshTokenOf } from '../../../src/oauth/refresh-token.ts';

const secret = newFamilySecret(randomBytes);
const family = { tenant: newTenantId(randomBytes), id: newId('fam', randomBytes) };

describe('a refresh token', () => {
  it('says whose it is and how often its family had been refreshed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 62 ** 6 - 1 }), (count) => {
        const text = refreshTokenOf(family, secret, count);
        expect(parseRefreshToken(text)).toEqual({ text, tenant: family.tenant, familyId: family.id, count });
      }),
    );
  });

  it('is the same each time it is derived, and another for any other secret, family or count', () => {
    const text = refreshTokenOf(family, secret, 7);
    expect(refreshTokenOf(family, secret, 7)).toBe(text);
    const others = [
      refreshTokenOf(family, newFamilySecret(randomBytes), 7),
      refreshTokenOf({ ...family, id: newId('fam', randomBytes) }, secret, 7),
      refreshTokenOf({ ...family, tenant: newTenantId(randomBytes) }, secret, 7),
      refreshTokenOf(family, secret, 8),
    ];
    const tagOf = (token: string) => token.slice(-49, -6);
    expect(new Set([text, ...others].map(tagOf)).size).toBe(5);
  });

  it('has the form that scanners know: a prefix, letters and digits, and a checksum', () => {
    const text = refreshTokenOf(family, secret, 0);
    expect(text).toMatch(/^lkr_[0-9A-Za-z]{93}$/);
    for (const broken of [text.slice(0, -1), `${text}0`, text.replace('lkr', 'lks'), '', 'lkr_'])
      expect(parseRefreshToken(broken)).toBeUndefined();
  });
});
