import { beforeAll, describe, expect, it } from 'vitest';
import { logger } from '../../../functions/shared/logger.ts';
import { protocolEndpoint } from '../../../functions/shared/protocol-endpoint.ts';
import { DependencyUnavailable } from '../../../src/entities/errors.ts';
import { InvalidClient, InvalidScope } from '../../../src/oauth/errors.ts';
import { callHandler } from '../deployment.ts';

beforeAll(() => logger.setLogLevel('SILENT'));

function answerTo(error: unknown, operation: 'token' | 'introspect' = 'token') {
  const handler = protocolEndpoint(operation, () => Promise.reject(error));
  return callHandler(handler)('POST /oauth2/token');
}

describe('an answer', () => {
  it('is kept by nobody unless it says otherwise', async () => {
    const ask = callHandler(protocolEndpoint('token', async () => ({ body: { a: 1 } })));
    expect((await ask('POST /oauth2/token')).headers).toMatchObject({
      'Cache-Control': 'no-store',
      Pragma: 'no-cache',
    });
    const headers = { 'Cache-Control': 'public' };
    const askCached = callHandler(protocolEndpoint('jwks', async () => ({ headers, body: '{}' })));
    const cached = await askCached('GET /.well-known/jwks.json');
    expect(cached.headers).toMatchObject(headers);
    expect(cached.headers).not.toHaveProperty('Pragma');
  });

  it('is for other origins where its route says so, refusals included', async () => {
    expect((await answerTo(new InvalidScope(''))).headers).toMatchObject({ 'Access-Control-Allow-Origin': '*' });
    expect((await answerTo(new InvalidScope(''), 'introspect')).headers).not.toHaveProperty(
      'Access-Control-Allow-Origin',
    );
  });
});

describe('a header that is sent twice', () => {
  it('is not taken for the last of its values', async () => {
    const handler = protocolEndpoint('token', async ({ authorization, contentType }) => ({
      body: { authorization, contentType },
    }));
    const twice = async (name: string, values: readonly string[]) =>
      handler(
        {
          headers: { [name]: values.at(-1) },
          multiValueHeaders: { [name]: values },
          requestContext: { requestId: 'request-1' },
        } as never,
        {} as never,
      );
    expect(JSON.parse((await twice('authorization', ['Basic YTph', 'Basic Yjpi'])).body)).toEqual({
      authorization: 'Basic YTph, Basic Yjpi',
    });
    expect(JSON.parse((await twice('Content-Type', ['text/plain'])).body)).toEqual({ contentType: 'text/plain' });
  });
});

describe('an error', () => {
  it('of OAuth is its code, its status and its fixed text; the reason stays here', async () => {
    const answer = await answerTo(new InvalidClient('the reason', { authorization: 'Basic x' }));
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'WWW-Authenticate': 'Basic realm="latchkey"', 'Cache-Control': 'no-store' },
      body: { error: 'invalid_client', error_description: 'Client authentication failed.' },
    });
    expect(JSON.stringify(answer)).not.toContain('the reason');
  });

  it('of a dependency is 503, and when to try again', async () => {
    expect(await answerTo(new DependencyUnavailable(new Error('down')))).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '1', 'Cache-Control': 'no-store' },
      body: { error: 'temporarily_unavailable' },
    });
  });

  it('that nobody expected is 500 and says nothing', async () => {
    for (const error of [new Error('a secret'), 'a secret', undefined]) {
      const answer = await answerTo(error);
      expect(answer).toMatchObject({ status: 500, body: { error: 'server_error' } });
      expect(JSON.stringify(answer)).not.toContain('a secret');
    }
  });
});
