import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RedirectableError } from '../../../../src/oauth/authorization/refusals.ts';
import type { Recipient, ResponseMode } from '../../../../src/oauth/authorization/request.ts';
import { refusalOf, responseOf } from '../../../../src/oauth/authorization/response.ts';
import { AccessDenied } from '../../../../src/oauth/errors.ts';

const issuer = 'https://auth.example/auth';
const recipient = (redirectUri: string, responseMode: ResponseMode, state?: string): Recipient => {
  return { issuer, redirectUri, responseMode, state };
};
const iss = 'iss=https%3A%2F%2Fauth.example%2Fauth';

describe('an answer', () => {
  it.each([
    ['https://app.example/cb', 'query', `https://app.example/cb?code=c&${iss}`],
    ['https://app.example', 'query', `https://app.example?code=c&${iss}`],
    ['https://app.example/cb?x=a%20b', 'query', `https://app.example/cb?x=a%20b&code=c&${iss}`],
    ['https://app.example/cb?', 'query', `https://app.example/cb?code=c&${iss}`],
    ['https://app.example/cb?x&', 'query', `https://app.example/cb?x&code=c&${iss}`],
    ['https://app.example/cb', 'fragment', `https://app.example/cb#code=c&${iss}`],
    ['https://app.example/cb?x=1', 'fragment', `https://app.example/cb?x=1#code=c&${iss}`],
    ['com.example.app:/cb', 'query', `com.example.app:/cb?code=c&${iss}`],
  ] as const)('goes to %s in the %s, which keeps what it had', (redirectUri, mode, location) => {
    expect(responseOf(recipient(redirectUri, mode), { code: 'c' })).toEqual({ kind: 'redirect', location });
  });

  it.each(['query', 'fragment'] as const)('brings the state back to the letter in the %s', (mode) => {
    const state = 'a b+c&d=e#f%20"<>\'é\u{1F511}\n';
    const answer = responseOf(recipient('https://app.example/cb', mode, state), { code: 'c' });
    const url = new URL(answer.kind === 'redirect' ? answer.location : '');
    const parameters = new URLSearchParams(mode === 'query' ? url.search : url.hash.slice(1));
    expect(Object.fromEntries(parameters)).toEqual({ code: 'c', state, iss: issuer });
    expect(answer).toMatchObject({ location: expect.stringMatching(/^[\x21-\x7e]+$/) });
  });

  it('says what it says, and leads nowhere else, whatever the state is', () => {
    const redirectUris = ['https://app.example/cb', 'https://app.example/cb?x=1', 'com.example.app:/cb'];
    fc.assert(
      fc.property(
        fc.constantFrom(...redirectUris),
        fc.constantFrom('query' as const, 'fragment' as const),
        fc.string({ unit: 'grapheme' }),
        (redirectUri, mode, state) => {
          const answer = responseOf(recipient(redirectUri, mode, state), { code: 'c' });
          const location = answer.kind === 'redirect' ? answer.location : '';
          expect(location.startsWith(redirectUri)).toBe(true);
          expect(location).toMatch(/^[\x21-\x7e]+$/);
          const { search, hash } = new URL(location);
          const parameters = new URLSearchParams(mode === 'query' ? search : hash.slice(1));
          expect([parameters.getAll('code'), parameters.getAll('state')]).toEqual([['c'], [state]]);
          expect(parameters.getAll('iss')).toEqual([issuer]);
        },
      ),
    );
  });

  it('is the fields of a form, where that was asked for', () => {
    expect(responseOf(recipient('https://app.example/cb?x=1', 'form_post', 's'), { code: 'c' })).toEqual({
      kind: 'form-post',
      action: 'https://app.example/cb?x=1',
      fields: { code: 'c', state: 's', iss: issuer },
    });
  });

  it('that says no is told who said it, and why in words that are public', () => {
    const error = new RedirectableError(
      new AccessDenied('a reason for the log'),
      recipient('https://app.example/cb', 'form_post', 's'),
    );
    expect(refusalOf(error)).toEqual({
      kind: 'form-post',
      action: 'https://app.example/cb',
      fields: { error: 'access_denied', error_description: new AccessDenied('').description, state: 's', iss: issuer },
    });
  });
});
