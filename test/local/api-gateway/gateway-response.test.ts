import { afterEach, describe, expect, test } from 'vitest';
import { checkContextTemplate, fillContextTemplate } from '../../../local/api-gateway/context-template.ts';
import type { GatewayResponseSettings, GatewayResponseType } from '../../../local/api-gateway/rest-api.ts';
import { answer, type GatewayUnderTest, method, restApi, serve } from './gateway-under-test.ts';

let gateway: GatewayUnderTest | undefined;
afterEach(async () => {
  await gateway?.listener.close();
});

async function withResponses(
  responses: Partial<Record<GatewayResponseType, Partial<GatewayResponseSettings>>>,
): Promise<GatewayUnderTest> {
  const settings = Object.entries(responses).map(
    ([type, value]) => [type as GatewayResponseType, { headers: [], templates: new Map(), ...value }] as const,
  );
  gateway = await serve([restApi([method('GET', '/v1/{id}')], { gatewayResponses: new Map(settings) })], () =>
    answer('malformed'),
  );
  return gateway;
}

const unknownPath = '/api/nothing/here';

describe('a gateway response', () => {
  test('takes status, headers and template from its own type', async () => {
    const under = await withResponses({
      MISSING_AUTHENTICATION_TOKEN: {
        status: 404,
        headers: [{ name: 'Cache-Control', value: { static: 'no-store' } }],
        templates: new Map([
          [
            'application/json',
            '{"m":$context.error.messageString,"t":"$context.error.responseType","p":"$context.path"}',
          ],
        ]),
      },
      DEFAULT_4XX: { status: 418 },
    });
    const got = await under.get(unknownPath);
    expect(got.status).toBe(404);
    expect(got.headers.get('cache-control')).toBe('no-store');
    expect(await got.json()).toEqual({
      m: 'Missing Authentication Token',
      t: 'MISSING_AUTHENTICATION_TOKEN',
      p: unknownPath,
    });
  });

  test('falls back to DEFAULT_4XX and DEFAULT_5XX, whose status counts where it is set', async () => {
    const under = await withResponses({
      DEFAULT_4XX: { status: 418 },
      DEFAULT_5XX: { templates: new Map([['application/json', '{"five":true}']]) },
    });
    expect((await under.get(unknownPath)).status).toBe(418);
    const malformed = await under.get('/api/v1/7');
    expect([malformed.status, await malformed.json()]).toEqual([502, { five: true }]);
  });

  test('repeats values of the request in headers, and leaves out what the request has not', async () => {
    const under = await withResponses({
      DEFAULT_5XX: {
        headers: [
          { name: 'X-Origin', value: { from: 'header', name: 'origin' } },
          { name: 'X-Query', value: { from: 'querystring', name: 'q' } },
          { name: 'X-Path', value: { from: 'path', name: 'id' } },
        ],
      },
    });
    const got = await under.get('/api/v1/7?q=a', { headers: { origin: 'https://a.example' } });
    expect(['x-origin', 'x-query', 'x-path'].map((name) => got.headers.get(name))).toEqual([
      'https://a.example',
      'a',
      '7',
    ]);
    const bare = await under.get('/api/v1/7');
    expect(['x-origin', 'x-query'].map((name) => bare.headers.get(name))).toEqual([null, null]);
  });

  test('a Content-Type of its own replaces the template’s', async () => {
    const under = await withResponses({
      MISSING_AUTHENTICATION_TOKEN: {
        headers: [{ name: 'Content-Type', value: { static: 'application/problem+json' } }],
        templates: new Map([['application/json', '{}']]),
      },
    });
    expect((await under.get(unknownPath)).headers.get('content-type')).toBe('application/problem+json');
  });

  test('chooses its template by the first accepted type, else application/json, else what there is', async () => {
    const both = await withResponses({
      DEFAULT_4XX: {
        templates: new Map([
          ['application/json', '{}'],
          ['text/plain', 'plain'],
        ]),
      },
    });
    const type = async (under: GatewayUnderTest, accept: string) =>
      (await under.get(unknownPath, { headers: { accept } })).headers.get('content-type');
    expect(await type(both, 'text/plain')).toBe('text/plain');
    expect(await type(both, 'text/html, text/plain')).toBe('application/json');
    expect(await type(both, '*/*')).toBe('application/json');
    await both.listener.close();
    const one = await withResponses({ DEFAULT_4XX: { templates: new Map([['application/problem+json', '{}']]) } });
    expect(await type(one, '*/*')).toBe('application/problem+json');
  });
});

describe('templates', () => {
  test.each([
    '{"a":"$context.requestId"}',
    '{"m":$context.error.messageString}',
    '$context.authorizer.scope and $context.stage',
    'costs 5 # no',
  ])('%s is known', (template) => {
    expect(() => checkContextTemplate(template)).not.toThrow();
  });

  test.each([
    '$context.nonsense',
    '$input.body',
    '#if($a)b#end',
    '$util.escapeJavaScript($context.path)',
    '$context.authorizer.a.b',
    '#set($x = 1)',
  ])('%s is refused by name', (template) => {
    expect(() => checkContextTemplate(template)).toThrow();
  });

  test('values are put in as they are', () => {
    expect(
      fillContextTemplate(
        '$context.path|$context.stage.',
        new Map([
          ['path', '$context.stage"'],
          ['stage', 'x'],
        ]),
      ),
    ).toBe('$context.stage"|x.');
  });
});
