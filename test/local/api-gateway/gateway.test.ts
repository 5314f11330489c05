import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { answer, method, restApi, send, serving, things } from './gateway-under-test.ts';

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
