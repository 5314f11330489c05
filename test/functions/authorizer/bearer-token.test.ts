import { expect, test } from 'vitest';
import { bearerToken } from '../../../functions/authorizer/bearer-token.ts';
import { authorizerEvent } from './request.ts';

test.each(['Bearer a.b.c', 'bearer a.b.c', 'BEARER  a.b.c'])('%j presents a token', (value) => {
  expect(bearerToken(authorizerEvent(value))).toBe('a.b.c');
});

test('the header has no case', () => {
  expect(bearerToken(authorizerEvent(undefined, { multiValueHeaders: { authorization: ['Bearer abc'] } }))).toBe('abc');
});

test.each(['', 'abc', 'Bearer', 'Bearer ', 'Bearer  ', ' Bearer abc', 'Bearerabc', 'Basic abc', 'DPoP abc'])(
  '%j presents none',
  (value) => {
    expect(bearerToken(authorizerEvent(value))).toBeUndefined();
  },
);

test('a header that is sent twice presents none, however it is written', () => {
  expect(bearerToken(authorizerEvent(['Bearer abc', 'Bearer abc']))).toBeUndefined();
  const twice = { Authorization: ['Bearer abc'], authorization: ['Bearer def'] };
  expect(bearerToken(authorizerEvent(undefined, { multiValueHeaders: twice }))).toBeUndefined();
});

test('a request without headers presents none', () => {
  expect(bearerToken(authorizerEvent(undefined))).toBeUndefined();
  expect(bearerToken(authorizerEvent(undefined, { multiValueHeaders: null }))).toBeUndefined();
});
