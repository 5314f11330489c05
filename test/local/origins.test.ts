import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mappingsOf, originRewriter } from '../../local/origins.ts';
import { method, restApi } from './api-gateway/gateway-under-test.ts';
import { resourcesOf } from './cloudformation/stack-under-test.ts';

const none = resourcesOf({});
const auth = restApi([method('GET', '/oauth-authorization-server/auth')], { id: 'aaaaaaaaaa', stageName: 'auth' });
const api = restApi([method('GET', '/v1')], { id: 'bbbbbbbbbb', stageName: 'api' });
const shown = (mappings: ReturnType<typeof mappingsOf>) =>
  mappings.map((origin) => origin.map(({ basePath, api: { id }, viaCustomDomain }) => [basePath, id, viaCustomDomain]));

describe('what origins serve', () => {
  test('one origin has each API under its stage’s name, and the metadata of RFC 8414 §3.1 at its root', () => {
    expect(shown(mappingsOf('one', [auth, api], none))).toEqual([
      [
        ['auth', 'aaaaaaaaaa', true],
        ['api', 'bbbbbbbbbb', true],
        ['.well-known', 'aaaaaaaaaa', true],
      ],
    ]);
  });

  test('separate origins have one API each, as its execute-api address', () => {
    expect(shown(mappingsOf('separate', [auth, api], none))).toEqual([
      [['auth', 'aaaaaaaaaa', false]],
      [['api', 'bbbbbbbbbb', false]],
    ]);
  });

  test('base paths that the templates map take the place of the stages’ names', () => {
    const mapped = resourcesOf({
      M: {
        Type: 'AWS::ApiGateway::BasePathMapping',
        Properties: { BasePath: 'oauth', DomainName: 'd', RestApiId: 'aaaaaaaaaa', Stage: 'auth' },
      },
    });
    expect(shown(mappingsOf('one', [auth, api], mapped))).toEqual([[['oauth', 'aaaaaaaaaa', true]]]);
  });

  test('two APIs with one base path are an error; apart they are none', () => {
    const twin = { ...api, id: 'cccccccccc' };
    expect(() => mappingsOf('one', [api, twin], none)).toThrow('two REST APIs want the base path api');
    expect(mappingsOf('separate', [api, twin], none)).toHaveLength(2);
  });
});

describe('addresses', () => {
  const one = originRewriter('one', ['aaaaaaaaaa', 'bbbbbbbbbb'], ['id.example.com'], 'eu-central-1', [
    'http://127.0.0.1:1',
  ]);
  const separate = originRewriter('separate', ['aaaaaaaaaa', 'bbbbbbbbbb'], [], 'eu-central-1', [
    'http://127.0.0.1:1',
    'http://127.0.0.1:2',
  ]);

  test.each([
    [
      'https://aaaaaaaaaa.execute-api.eu-central-1.amazonaws.com/auth',
      'http://127.0.0.1:1/auth',
      'http://127.0.0.1:1/auth',
    ],
    [
      'x="https://bbbbbbbbbb.execute-api.eu-central-1.amazonaws.com/api/v1", y',
      'x="http://127.0.0.1:1/api/v1", y',
      'x="http://127.0.0.1:2/api/v1", y',
    ],
    ['https://bbbbbbbbbb.execute-api.eu-central-1.amazonaws.com', 'http://127.0.0.1:1', 'http://127.0.0.1:2'],
  ])('%s becomes local', (text, asOne, asSeparate) => {
    expect(one(text)).toBe(asOne);
    expect(separate(text)).toBe(asSeparate);
  });

  test('of a custom domain become local', () => {
    expect(one('https://id.example.com/auth')).toBe('http://127.0.0.1:1/auth');
  });

  test.each([
    'https://cccccccccc.execute-api.eu-central-1.amazonaws.com/auth',
    'https://aaaaaaaaaa.execute-api.us-east-1.amazonaws.com/auth',
    'https://aaaaaaaaaa.execute-api.eu-central-1.amazonaws.com.example.com/auth',
    'https://id.example.com:8443/auth',
    'arn:aws:execute-api:eu-central-1:000000000000:aaaaaaaaaa/auth/GET/',
  ])('%s stays as it is', (text) => {
    expect(one(text)).toBe(text);
  });

  test('what has none stays as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('execute-api') && !text.includes('id.example.com'));
        expect(one(text)).toBe(text);
      }),
    );
  });
});
