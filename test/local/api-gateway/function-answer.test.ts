import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { RestApi } from '../../../local/api-gateway/rest-api.ts';
import { answer, functionArn, method, restApi, send, serving, things } from './gateway-under-test.ts';

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
