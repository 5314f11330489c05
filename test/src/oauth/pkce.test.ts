import { describe, expect, it } from 'vitest';
import { provesChallenge } from '../../../src/oauth/pkce.ts';

/** RFC 7636 appendix B. */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('a code verifier', () => {
  it('proves the challenge that was made from it', () => {
    expect(provesChallenge(verifier, challenge)).toBe(true);
  });

  it.each<[string, string | undefined, string | undefined]>([
    ['another verifier', `${verifier.slice(0, -1)}l`, challenge],
    ['the challenge itself, as with the method plain', challenge, challenge],
    ['a verifier that is too short', 'a'.repeat(42), challenge],
    ['a verifier that is too long', 'a'.repeat(129), challenge],
    ['a verifier of other characters', `${verifier.slice(0, -1)}+`, challenge],
    ['none where there is a challenge', undefined, challenge],
    ['one where there is no challenge', verifier, undefined],
  ])('%s does not', (_, given, kept) => {
    expect(provesChallenge(given, kept)).toBe(false);
  });

  it('is not asked for where there was no challenge', () => {
    expect(provesChallenge(undefined, undefined)).toBe(true);
  });
});
