import { expect, test } from 'vitest';
import { bearerToken } from '../../../functions/authorizer/bearer-token.ts';
import { authorizerEvent } from './request.ts';

test.each(['Bearer abc.def-_~+/==', 'bearer abc.def-_~+/==', 'BEARER  abc.def-_~+/=='])(
  '%j carries a token',
  (value) => {
    expect(bearerToken(authorizerEvent(value))).toBe('abc.def-_~+/==');
  },
);

test('the header has no case', () => {
  expect(bearerToken(authorizerEvent(undefined, { multiValueHeaders: { authorization: ['Bearer abc'] } }))).toBe('abc');
});

test.each([
  'abc',
  'Bearer',
  'Bearer ',
  'Bearer  ',
  ' Bearer abc',
  'Bearer abc ',
  'Bearer abc def',
  'Bearer abc,def',
  'Bearer abc, Bearer def',
  'Bearer a=b',
  'Bearerabc',
  'Basic abc',
  'DPoP abc',
  'Bearer äbc',
  'Bearer abc\n',
])('%j carries none', (value) => {
  expect(bearerToken(authorizerEvent(value))).toBeUndefined();
});

test('a header that is sent twice carries none, however it is written', () => {
  expect(bearerToken(authorizerEvent(['Bearer abc', 'Bearer abc']))).toBeUndefined();
  const twice = { Authorization: ['Bearer abc'], authorization: ['Bearer def'] };
  expect(bearerToken(authorizerEvent(undefined, { multiValueHeaders: twice }))).toBeUndefined();
});

test('a request without headers carries none', () => {
  expect(bearerToken(authorizerEvent(undefined))).toBeUndefined();
  expect(bearerToken(authorizerEvent(undefined, { multiValueHeaders: null }))).toBeUndefined();
});
