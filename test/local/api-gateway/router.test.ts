import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePathParameter, decodePercent, hasBrokenEscape } from '../../../local/api-gateway/path.ts';
import { createRouter } from '../../../local/api-gateway/router.ts';
import { method } from './gateway-under-test.ts';

const segment = fc.stringMatching(/^[A-Za-z0-9._~-]{1,8}$/);

describe('matching a path', () => {
  const router = createRouter([
    method('GET', '/'),
    method('GET', '/v1/things'),
    method('ANY', '/v1/things/{id}'),
    method('GET', '/v1/things/special'),
    method('GET', '/v1/things/{id}/parts/{part}'),
    method('GET', '/files/{path+}'),
    method('GET', '/files/index'),
  ]);
  const matched = (httpMethod: string, path: string) => {
    const found = router.match(httpMethod, path);
    return found && [found.method.resourcePath, found.pathParameters];
  };

  test.each([
    ['GET', '/', ['/', {}]],
    ['GET', '/v1/things', ['/v1/things', {}]],
    ['GET', '/v1/things/', ['/v1/things', {}]],
    ['DELETE', '/v1/things/7', ['/v1/things/{id}', { id: '7' }]],
    ['GET', '/v1/things/special', ['/v1/things/special', {}]],
    ['GET', '/v1/things/7/parts/8', ['/v1/things/{id}/parts/{part}', { id: '7', part: '8' }]],
    ['GET', '/v1/things/special/parts/8', ['/v1/things/{id}/parts/{part}', { id: 'special', part: '8' }]],
    ['GET', '/files/a/b%20c', ['/files/{path+}', { path: 'a/b c' }]],
    ['GET', '/files/index', ['/files/index', {}]],
  ])('%s %s reaches its resource', (httpMethod, path, expected) => {
    expect(matched(httpMethod, path)).toEqual(expected);
  });

  test.each([
    ['POST', '/v1/things'],
    ['HEAD', '/v1/things'],
    ['GET', '/v1'],
    ['GET', '/v2/things'],
    ['GET', '/V1/things'],
    ['GET', '//v1/things'],
    ['GET', '/v1//things'],
    ['GET', '/v1/things/7/'.concat('/parts/8')],
    ['GET', '/v1/%74hings'],
    ['GET', '/files'],
    ['GET', '/files/'],
    ['POST', '/v1/things/special'],
  ])('%s %s reaches nothing', (httpMethod, path) => {
    expect(matched(httpMethod, path)).toBeUndefined();
  });

  test('any fixed path finds itself among others, and only itself', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.array(segment, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        (paths) => {
          const all = paths.map((segments) => `/${segments.join('/')}`);
          const fixed = createRouter(all.map((path) => method('GET', path)));
          for (const path of all) {
            expect(fixed.match('GET', path)?.method.resourcePath).toBe(path);
            expect(fixed.match('GET', `${path}/more`)?.method.resourcePath).toBe(
              all.find((other) => other === `${path}/more`),
            );
          }
        },
      ),
    );
  });

  test('a parameter gives back what was encoded into it, percent signs escaped', () => {
    const parameters = createRouter([method('GET', '/a/{value}/b')]);
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (value) => {
        const found = parameters.match('GET', `/a/${encodeURIComponent(value)}/b`);
        expect(found?.pathParameters).toEqual({ value: value.replaceAll('%', '%25') });
      }),
    );
  });

  test('no path, however odd, makes matching throw', () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        expect(() => router.match('GET', path)).not.toThrow();
      }),
    );
  });
});

describe('percent escapes', () => {
  test('decoding undoes encoding', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodePercent(encodeURIComponent(text))).toBe(text);
        expect(hasBrokenEscape(encodeURIComponent(text))).toBe(false);
      }),
    );
  });

  test('bytes that are no UTF-8 become the replacement character', () => {
    expect(decodePercent('a%FFb')).toBe('a\uFFFDb');
  });

  test('what is decoded once stays escaped once', () => {
    expect(decodePathParameter('100%25')).toBe('100%25');
    expect(decodePathParameter('%2541')).toBe('%2541');
    expect(decodePathParameter('a%2Fb')).toBe('a/b');
  });

  test.each(['%', '%4', '%zz', 'a%2'])('%s is broken', (text) => {
    expect(hasBrokenEscape(text)).toBe(true);
  });
});
