import { expect, test } from 'vitest';
import { presentedToken } from '../../../functions/authorizer/presented-token.ts';
import { authorizerEvent } from './request.ts';

test.each(['Bearer a.b.c', 'bearer a.b.c', 'BEARER  a.b.c'])('%j presents a token', (value) => {
  expect(presentedToken(authorizerEvent(value))).toEqual({ scheme: 'bearer', token: 'a.b.c', proof: undefined });
});

test('the header has no case', () => {
  const event = authorizerEvent(undefined, { multiValueHeaders: { authorization: ['Bearer abc'] } });
  expect(presentedToken(event)).toMatchObject({ token: 'abc' });
});

test.each([
  '',
  'abc',
  'Bearer',
  'Bearer ',
  'Bearer  ',
  ' Bearer abc',
  'Bearerabc',
  'Basic abc',
  'DPoP',
  'DPoPabc',
  'BearerDPoP abc',
])('%j presents none', (value) => {
  expect(presentedToken(authorizerEvent(value))).toBeUndefined();
});

test('a header that is sent twice presents none, however it is written', () => {
  expect(presentedToken(authorizerEvent(['Bearer abc', 'Bearer abc']))).toBeUndefined();
  const twice = { Authorization: ['Bearer abc'], authorization: ['Bearer def'] };
  expect(presentedToken(authorizerEvent(undefined, { multiValueHeaders: twice }))).toBeUndefined();
});

test('a request without headers presents none', () => {
  expect(presentedToken(authorizerEvent(undefined))).toBeUndefined();
  expect(presentedToken(authorizerEvent(undefined, { multiValueHeaders: null }))).toBeUndefined();
});

test.each(['DPoP a.b.c', 'dpop a.b.c', 'DPOP  a.b.c'])('%j presents a token with its proof', (value) => {
  const multiValueHeaders = { Authorization: [value], dpop: ['d.e.f'] };
  expect(presentedToken(authorizerEvent(undefined, { multiValueHeaders }))).toEqual({
    scheme: 'dpop',
    token: 'a.b.c',
    proof: 'd.e.f',
  });
});

test.each([[], ['d.e.f', 'd.e.f']])('of %j proofs none is presented', (...proofs) => {
  const multiValueHeaders = { Authorization: ['DPoP a.b.c'], DPoP: proofs };
  expect(presentedToken(authorizerEvent(undefined, { multiValueHeaders }))?.proof).toBeUndefined();
});

test('a proof under two spellings of its header is none', () => {
  const multiValueHeaders = { Authorization: ['DPoP a.b.c'], DPoP: ['d.e.f'], dpop: ['g.h.i'] };
  expect(presentedToken(authorizerEvent(undefined, { multiValueHeaders }))?.proof).toBeUndefined();
});
