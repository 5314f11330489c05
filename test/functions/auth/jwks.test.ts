import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/auth/jwks.ts';
import { signingKeyItem } from '../../../src/adapters/dynamodb/deployment.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer } from './authorization-server.ts';

const call = callHandler(handler);
const ask = (headers: Record<string, string> = {}) => call('GET /.well-known/jwks.json', { headers });

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer();
});
afterAll(() => server.close());

describe('200', () => {
  it('the public keys, to keep for five minutes, for any origin', async () => {
    const { kid, publicJwk } = server.signingKey;
    expect(await ask()).toEqual({
      status: 200,
      headers: {
        'Cache-Control': 'public, max-age=300',
        'Content-Type': 'application/json',
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Expose-Headers': 'DPoP-Nonce,Retry-After',
        ETag: expect.stringMatching(/^"[\w-]{43}"$/),
      },
      body: { keys: [{ ...publicJwk, kid, alg: 'RS256', use: 'sig' }] },
    });
  });

  it('without a key that was revoked a moment ago, under another tag', async () => {
    const next = { ...server.signingKey, kid: 'next', state: 'next' } as const;
    await server.table.put(signingKeyItem(next));
    const before = await ask();
    expect(before.body.keys).toHaveLength(2);
    await server.table.put(signingKeyItem({ ...next, state: 'revoked' }));
    const after = await ask({ 'If-None-Match': String(before.headers.ETag) });
    expect(after.status).toBe(200);
    expect(after.body.keys).toHaveLength(1);
  });
});

describe('304', () => {
  it('to who has them already: no body, the same tag', async () => {
    const { headers } = await ask();
    expect(await ask({ 'if-none-match': String(headers.ETag) })).toMatchObject({
      status: 304,
      headers: { ETag: headers.ETag, 'Cache-Control': 'public, max-age=300', 'Access-Control-Allow-Origin': '*' },
      body: undefined,
    });
  });
});
