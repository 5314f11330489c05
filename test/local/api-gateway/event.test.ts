import { describe, expect, test } from 'vitest';
import { restApi, send, serving, things } from './gateway-under-test.ts';

describe('the event of a proxy integration', () => {
  test('has every member of payload format 1.0', async () => {
    const under = await serving([things]);
    await send(under, '/api/v1/things/a%20b?x=1&x=2&y=%C3%A9+z&flag', {
      headers: ['X-Twice', 'one', 'X-Twice', 'two', 'User-Agent', 'a test', 'Content-Type', 'text/plain'],
    });
    const { port } = new URL(under.origin);
    expect(under.calls).toHaveLength(1);
    const { event, sourceArn } = under.calls[0] ?? {};
    expect(sourceArn).toBe('arn:aws:execute-api:eu-central-1:000000000000:api0000001/api/GET/v1/things/{id}');
    expect(event).toEqual({
      resource: '/v1/things/{id}',
      path: '/api/v1/things/a%20b',
      httpMethod: 'GET',
      headers: expect.objectContaining({
        'X-Twice': 'two',
        'User-Agent': 'a test',
        Host: `127.0.0.1:${port}`,
        'X-Forwarded-For': '127.0.0.1',
        'X-Forwarded-Port': port,
        'X-Forwarded-Proto': 'http',
        'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      }),
      multiValueHeaders: expect.objectContaining({ 'X-Twice': ['one', 'two'], 'User-Agent': ['a test'] }),
      queryStringParameters: { x: '2', y: 'é z', flag: '' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['é z'], flag: [''] },
      pathParameters: { id: 'a b' },
      stageVariables: null,
      requestContext: {
        resourceId: 'res001',
        resourcePath: '/v1/things/{id}',
        httpMethod: 'GET',
        extendedRequestId: expect.any(String),
        requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        path: '/api/v1/things/a%20b',
        accountId: '000000000000',
        protocol: 'HTTP/1.1',
        stage: 'api',
        domainPrefix: '127',
        requestTimeEpoch: expect.any(Number),
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        identity: expect.objectContaining({ sourceIp: '127.0.0.1', userAgent: 'a test', accessKey: null, user: null }),
        domainName: '127.0.0.1',
        deploymentId: 'dep001',
        apiId: 'api0000001',
      },
      body: null,
      isBase64Encoded: false,
    });
  });

  test('says null where there is no query, no path parameter', async () => {
    const under = await serving([things]);
    await send(under, '/api/v1/things', { method: 'POST', body: 'x' });
    expect(under.calls[0]?.event).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: 'x',
    });
  });

  test('at an execute-api address has a path without the stage', async () => {
    const under = await serving([things], undefined, { viaCustomDomain: false });
    await send(under, '/api/v1/things/7');
    expect(under.calls[0]?.event.path).toBe('/v1/things/7');
    expect(under.calls[0]?.event.requestContext.path).toBe('/api/v1/things/7');
  });

  test('has a body of replacement characters where bytes are no UTF-8', async () => {
    const under = await serving([things]);
    await send(under, '/api/v1/things', { method: 'POST', body: Buffer.from([0x61, 0xff, 0x62]) });
    expect(under.calls[0]?.event).toMatchObject({ body: 'a\uFFFDb', isBase64Encoded: false });
  });

  test('has a binary body in base64 where the API names its type', async () => {
    const under = await serving([restApi(things.methods, { binaryMediaTypes: ['image/*'] })]);
    await send(under, '/api/v1/things', {
      method: 'POST',
      headers: ['Content-Type', 'image/png'],
      body: Buffer.from([0xff]),
    });
    await send(under, '/api/v1/things', { method: 'POST', headers: ['Content-Type', 'text/plain'], body: 'a' });
    expect(under.calls.map(({ event }) => [event.body, event.isBase64Encoded])).toEqual([
      ['/w==', true],
      ['a', false],
    ]);
  });

  test('leaves out the headers that API Gateway keeps to itself', async () => {
    const under = await serving([things]);
    await send(under, '/api/v1/things/7', {
      headers: ['TE', 'trailers', 'Max-Forwards', '3', 'Authorization', 'AWS4-HMAC-SHA256 Credential=x', 'X-Kept', 'y'],
    });
    const names = Object.keys(under.calls[0]?.event.headers ?? {}).map((name) => name.toLowerCase());
    expect(names).toContain('x-kept');
    expect(names).not.toContain('te');
    expect(names).not.toContain('max-forwards');
    expect(names).not.toContain('connection');
    expect(names).not.toContain('authorization');
  });

  test('keeps a name such as __proto__ as any other', async () => {
    const under = await serving([things]);
    await send(under, '/api/v1/things/7?__proto__=a');
    expect(JSON.stringify(under.calls[0]?.event.queryStringParameters)).toBe('{"__proto__":"a"}');
  });
});
