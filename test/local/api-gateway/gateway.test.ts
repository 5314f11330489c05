import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { RestApi } from '../../../local/api-gateway/rest-api.ts';
import { answer, functionArn, type GatewayUnderTest, method, restApi, serve } from './gateway-under-test.ts';

let gateway: GatewayUnderTest | undefined;
afterEach(async () => {
  await gateway?.listener.close();
  gateway = undefined;
});

async function serving(...options: Parameters<typeof serve>): Promise<GatewayUnderTest> {
  gateway = await serve(...options);
  return gateway;
}

/** Sends what fetch would not: header cases, repeated headers, another Host. */
function send(
  under: GatewayUnderTest,
  path: string,
  options: { method?: string; headers?: string[]; body?: string | Buffer } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; raw: string[]; body: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(under.origin);
    const hasHost = options.headers?.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
    const headers = [...(hasHost ? [] : ['Host', url.host]), ...(options.headers ?? [])];
    const outgoing = httpRequest(
      { host: url.hostname, port: url.port, path, method: options.method ?? 'GET', headers, agent: false },
      async (incoming) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          raw: incoming.rawHeaders,
          body: Buffer.concat(chunks).toString(),
        });
      },
    );
    outgoing.once('error', reject);
    outgoing.end(options.body);
  });
}

const things = restApi([method('GET', '/v1/things/{id}'), method('POST', '/v1/things')]);

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

describe('a function’s answer', () => {
  const answering = (payload: unknown, settings: Partial<RestApi> = {}) =>
    serving([restApi(things.methods, settings)], () => answer(payload));

  test('reaches the client with status, headers and body', async () => {
    const under = await answering({
      statusCode: 201,
      headers: { 'X-One': 'a', 'X-Number': 1 },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'], 'x-one': ['b'] },
      body: 'é',
    });
    const got = await send(under, '/api/v1/things/7');
    expect(got).toMatchObject({ status: 201, body: 'é' });
    expect(got.headers).toMatchObject({
      'x-one': 'b',
      'x-number': '1',
      'set-cookie': ['a=1', 'b=2'],
      'content-type': 'application/json',
      'content-length': '2',
    });
    expect(got.headers['x-amzn-requestid']).toBe(under.calls[0]?.event.requestContext.requestId);
  });

  test.each([
    'WWW-Authenticate',
    'Server',
    'Authorization',
    'User-Agent',
    'Content-MD5',
    'Connection',
    'Date',
    'Max-Forwards',
  ])('%s is renamed', async (name) => {
    const under = await answering({ statusCode: 401, headers: { [name]: 'Basic' } });
    const got = await send(under, '/api/v1/things/7');
    expect(got.headers[`x-amzn-remapped-${name.toLowerCase()}`]).toBe('Basic');
    expect(got.headers[name.toLowerCase()]).not.toBe('Basic');
  });

  test('Transfer-Encoding and Via are dropped, Cache-Control passes', async () => {
    const under = await answering({
      statusCode: 200,
      headers: { Via: 'x', 'Transfer-Encoding': 'chunked', 'Cache-Control': 'no-store' },
    });
    const got = await send(under, '/api/v1/things/7');
    expect(got.headers.via).toBeUndefined();
    expect(got.headers['transfer-encoding']).toBeUndefined();
    expect(got.headers['cache-control']).toBe('no-store');
  });

  test.each([
    ['text', 'hello'],
    ['null', null],
    ['no status', { body: 'x' }],
    ['a status out of range', { statusCode: 42 }],
    ['a body that is an object', { statusCode: 200, body: {} }],
    ['an unknown member', { statusCode: 200, cookies: [] }],
    ['a header that is an object', { statusCode: 200, headers: { a: {} } }],
    ['a header with a line break', { statusCode: 200, headers: { a: 'b\r\nc: d' } }],
  ])('%s is 502', async (_, payload) => {
    const under = await answering(payload);
    const got = await send(under, '/api/v1/things/7');
    expect(got).toMatchObject({ status: 502, body: '{"message":"Internal server error"}' });
    expect(under.lines.join()).toContain('malformed');
  });

  test('an error of the function is 502 and says nothing of it', async () => {
    const under = await serving([things], () => ({ kind: 'error', errorType: 'Error', errorMessage: 'secret' }));
    expect(await send(under, '/api/v1/things/7')).toMatchObject({
      status: 502,
      body: '{"message":"Internal server error"}',
    });
  });

  test('a function without a permission for this API is 500', async () => {
    const under = await serving([things], () => ({ kind: 'forbidden' }));
    expect(await send(under, '/api/v1/things/7')).toMatchObject({
      status: 500,
      body: '{"message":"Internal server error"}',
    });
    expect(under.lines.join()).toContain(functionArn);
  });

  test('base64 is bytes only for a client that accepts a binary type first', async () => {
    const under = await answering(
      { statusCode: 200, isBase64Encoded: true, body: 'aGk=' },
      { binaryMediaTypes: ['image/png'] },
    );
    expect((await send(under, '/api/v1/things/7', { headers: ['Accept', 'image/png,*/*'] })).body).toBe('hi');
    expect((await send(under, '/api/v1/things/7', { headers: ['Accept', '*/*,image/png'] })).body).toBe('aGk=');
  });

  test('that takes longer than the integration’s timeout is 504', async () => {
    const slow = restApi([
      { ...method('GET', '/slow'), integration: { kind: 'lambda', functionArn, timeoutMilliseconds: 50 } },
    ]);
    const under = await serving([slow], async () => {
      await delay(300);
      return answer({ statusCode: 200 });
    });
    expect(await send(under, '/api/slow')).toMatchObject({
      status: 504,
      body: '{"message":"Endpoint request timed out"}',
    });
  });
});

describe('what the gateway answers by itself', () => {
  test('an unknown path is 403 Missing Authentication Token', async () => {
    const under = await serving([things]);
    const got = await send(under, '/api/v1/nothing');
    expect(got).toMatchObject({ status: 403, body: '{"message":"Missing Authentication Token"}' });
    expect(got.headers['x-amzn-errortype']).toBe('MissingAuthenticationTokenException');
    expect(under.calls).toHaveLength(0);
  });

  test.each(['PUT', 'HEAD', 'OPTIONS', 'DELETE'])('%s without a method of that name is 403', async (name) => {
    const under = await serving([things]);
    expect((await send(under, '/api/v1/things/7', { method: name })).status).toBe(403);
    expect((await send(under, '/api/v1/things/7')).status).toBe(200);
  });

  test('an unknown path with a Bearer token is INVALID_SIGNATURE, and its message repeats the token', async () => {
    const under = await serving([things]);
    const got = await send(under, '/api/v1/nothing', { headers: ['Authorization', 'Bearer abc'] });
    expect(got.status).toBe(403);
    expect(JSON.parse(got.body).message).toContain("Authorization header: 'Bearer abc'");
    expect(got.headers['x-amzn-errortype']).toBe('IncompleteSignatureException');
  });

  test('an unknown base path is 403 Forbidden', async () => {
    const under = await serving([things]);
    expect(await send(under, '/other/v1/things/7')).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
  });

  test('a name that this machine was not given is 403 Forbidden', async () => {
    const under = await serving([things]);
    expect((await send(under, '/api/v1/things/7', { headers: ['Host', 'attacker.example'] })).status).toBe(403);
    expect(under.calls).toHaveLength(0);
    expect((await send(under, '/api/v1/things/7', { headers: ['Host', new URL(under.origin).host] })).status).toBe(200);
  });

  test('a disabled execute-api endpoint is 403, behind a domain it is served', async () => {
    const api = restApi(things.methods, { executeApiEndpointDisabled: true });
    const direct = await serving([api], undefined, { viaCustomDomain: false });
    expect((await send(direct, '/api/v1/things/7')).status).toBe(403);
    await direct.listener.close();
    const domain = await serving([api]);
    expect((await send(domain, '/api/v1/things/7')).status).toBe(200);
  });

  test('a body above 10 MB is 413, one below Lambda’s 6 MB passes, one between is 413 too', async () => {
    const under = await serving([things]);
    const post = (bytes: number) => send(under, '/api/v1/things', { method: 'POST', body: Buffer.alloc(bytes, 'a') });
    expect(await post(10 * 1024 * 1024 + 1)).toMatchObject({ status: 413, body: '{"message":"Request Too Long"}' });
    expect((await post(7 * 1024 * 1024)).status).toBe(413);
    expect((await post(5 * 1024 * 1024)).status).toBe(200);
  });

  test('headers above 10,240 bytes are 431, below they pass', async () => {
    const under = await serving([things]);
    const get = (bytes: number) => send(under, '/api/v1/things/7', { headers: ['X-Long', 'a'.repeat(bytes)] });
    expect((await get(10_300)).status).toBe(431);
    expect((await get(9_000)).status).toBe(200);
  });

  test.each(['/api/v1/things/%zz', '/api/v1/things/7?a=%4', '/api/v1/things/7?a={b}', '/api/v1/things/7?a|b'])(
    '%s is 400',
    async (path) => {
      const under = await serving([things]);
      expect((await send(under, path)).status).toBe(400);
      expect(under.calls).toHaveLength(0);
    },
  );

  test('X-HTTP-Method-Override overrides the method', async () => {
    const under = await serving([things]);
    expect(
      (await send(under, '/api/v1/things', { method: 'GET', headers: ['X-HTTP-Method-Override', 'POST'] })).status,
    ).toBe(200);
    expect(under.calls[0]?.event.httpMethod).toBe('POST');
    expect(
      (await send(under, '/api/v1/things', { method: 'POST', headers: ['X-HTTP-Method-Override', 'DELETE'], body: '' }))
        .status,
    ).toBe(403);
  });

  test('a mock answers with what the template holds', async () => {
    const mock = restApi([
      {
        ...method('OPTIONS', '/v1/things'),
        integration: { kind: 'mock', status: 204, headers: [['Access-Control-Allow-Origin', '*']], body: '' },
      },
    ]);
    const under = await serving([mock]);
    const got = await send(under, '/api/v1/things', { method: 'OPTIONS' });
    expect(got.status).toBe(204);
    expect(got.headers['access-control-allow-origin']).toBe('*');
    expect(under.calls).toHaveLength(0);
  });
});

describe('clients that misbehave', () => {
  test('one that goes away while its function runs disturbs nobody', async () => {
    const under = await serving([things], async () => {
      await delay(100);
      return answer({ statusCode: 200 });
    });
    const { port, hostname } = new URL(under.origin);
    const socket = connect(Number(port), hostname, () => {
      socket.write('GET /api/v1/things/7 HTTP/1.1\r\nHost: 127.0.0.1:'.concat(port, '\r\n\r\n'));
      setTimeout(() => socket.destroy(), 30);
    });
    await delay(200);
    expect((await send(under, '/api/v1/things/7')).status).toBe(200);
    expect(under.lines).toEqual([]);
  });

  test('one that goes away within its body disturbs nobody', async () => {
    const under = await serving([things]);
    const { port, hostname } = new URL(under.origin);
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST /api/v1/things HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 100\r\n\r\nabc`);
      setTimeout(() => socket.destroy(), 30);
    });
    await delay(100);
    expect((await send(under, '/api/v1/things/7')).status).toBe(200);
    expect(under.calls).toHaveLength(1);
    expect(under.lines).toEqual([]);
  });
});
