import { expect, test } from 'vitest';
import { isSameUri } from '../../../../src/oauth/dpop/same-uri.ts';

const url = 'https://api.example/api/v1/issues/a~b%2Fc';

test.each([
  url,
  `${url}?page=2`,
  `${url}#top`,
  'HTTPS://API.EXAMPLE/api/v1/issues/a~b%2Fc',
  'https://api.example:443/api/v1/issues/a~b%2Fc',
  'https://api.example/api/v1/issues/a%7eb%2fc',
  'https://api.example/api/./v1/users/../issues/a~b%2Fc',
])('%s is the same', (htu) => {
  expect(isSameUri(htu, url)).toBe(true);
});

test.each([
  'https://api.example/api/v1/issues/a~b/c',
  'https://api.example/api/v1/issues/A~b%2Fc',
  `${url}/`,
  'http://api.example/api/v1/issues/a~b%2Fc',
  'https://api.example:444/api/v1/issues/a~b%2Fc',
  'https://api.example.evil.example/api/v1/issues/a~b%2Fc',
  'https://client@api.example/api/v1/issues/a~b%2Fc',
  'https:\\\\api.example\\api\\v1\\issues\\a~b%2Fc',
  ` ${url}`,
  '/api/v1/issues/a~b%2Fc',
  '//api.example/api/v1/issues/a~b%2Fc',
  'https://',
  '',
])('%j is another, or none', (htu) => {
  expect(isSameUri(htu, url)).toBe(false);
});
