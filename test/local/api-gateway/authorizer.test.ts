import { afterEach, describe, expect, test } from 'vitest';
import type {
  Authorizer,
  GatewayResponseSettings,
  GatewayResponseType,
  Invocation,
} from '../../../local/api-gateway/rest-api.ts';
import { answer, authorizerArn, type GatewayUnderTest, method, restApi, serve } from './gateway-under-test.ts';

const cached: Authorizer = {
  id: 'auth01',
  functionArn: authorizerArn,
  identitySources: [
    { from: 'header', name: 'Authorization' },
    { from: 'context', name: 'httpMethod' },
    { from: 'context', name: 'path' },
  ],
  cacheSeconds: 3,
};

const arn = (rest: string) => `arn:aws:execute-api:eu-central-1:000000000000:api0000001/api/${rest}`;

function policy(
  effect: 'Allow' | 'Deny',
  resource: string | string[],
  context: unknown = { tenant: 't1', level: 2, on: true },
) {
  return {
    principalId: 'int_1',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resource }],
    },
    context,
  };
}

let gateway: GatewayUnderTest | undefined;
afterEach(async () => {
  await gateway?.listener.close();
});

async function behind(
  authorizer: Authorizer,
  decide: (token: string | undefined) => Invocation,
  responses: ReadonlyMap<GatewayResponseType, GatewayResponseSettings> = new Map(),
): Promise<GatewayUnderTest> {
  const api = restApi(
    [method('GET', '/v1/a', authorizer), method('GET', '/v1/b', authorizer), method('POST', '/v1/a', authorizer)],
    {
      gatewayResponses: responses,
      stageVariables: { lane: 'fast' },
    },
  );
  gateway = await serve([api], ({ functionArn, event }) =>
    functionArn === authorizerArn
      ? decide(event.headers.authorization ?? event.headers.Authorization)
      : answer({ statusCode: 200 }),
  );
  return gateway;
}

const asked = (under: GatewayUnderTest): number =>
  under.calls.filter(({ functionArn }) => functionArn === authorizerArn).length;
const withToken = (token = 'Bearer x', init: RequestInit = {}): RequestInit => ({
  ...init,
  headers: { authorization: token },
});

describe('a request that the authorizer allows', () => {
  test('reaches its function with principal and context as text', async () => {
    const under = await behind(cached, () => answer(policy('Allow', arn('GET/*'))));
    expect((await under.get('/api/v1/a', withToken())).status).toBe(200);
    expect(under.calls[1]?.event.requestContext.authorizer).toEqual({
      tenant: 't1',
      level: '2',
      on: 'true',
      principalId: 'int_1',
      integrationLatency: expect.any(Number),
    });
  });

  test('was shown to the authorizer as a REQUEST event without its body', async () => {
    const under = await behind({ ...cached, cacheSeconds: 0 }, () => answer(policy('Allow', arn('POST/*'))));
    await under.get('/api/v1/a?q=1', withToken('Bearer x', { method: 'POST', body: 'secret' }));
    const { event, sourceArn } = under.calls[0] ?? {};
    expect(sourceArn).toBe('arn:aws:execute-api:eu-central-1:000000000000:api0000001/authorizers/auth01');
    expect(event).toMatchObject({
      type: 'REQUEST',
      methodArn: arn('POST/v1/a'),
      resource: '/v1/a',
      path: '/api/v1/a',
      httpMethod: 'POST',
      queryStringParameters: { q: '1' },
      multiValueQueryStringParameters: { q: ['1'] },
      stageVariables: { lane: 'fast' },
      pathParameters: null,
      requestContext: { stage: 'api', resourcePath: '/v1/a', apiId: 'api0000001' },
    });
    expect(event).not.toHaveProperty('body');
    expect(event?.requestContext).not.toHaveProperty('authorizer');
  });
});

describe('a request that it does not allow', () => {
  test('is 403 where the policy denies it, or says nothing of it', async () => {
    const under = await behind(cached, (token) =>
      answer(token === 'Bearer denied' ? policy('Deny', arn('GET/*')) : policy('Allow', arn('GET/v1/b'))),
    );
    const denied = await under.get('/api/v1/a', withToken('Bearer denied'));
    expect([denied.status, await denied.json()]).toEqual([
      403,
      { message: 'User is not authorized to access this resource with an explicit deny' },
    ]);
    const other = await under.get('/api/v1/a', withToken('Bearer other'));
    expect([other.status, await other.json()]).toEqual([
      403,
      { message: 'User is not authorized to access this resource' },
    ]);
    expect((await under.get('/api/v1/b', withToken('Bearer other'))).status).toBe(200);
  });

  test('gets a body from the context of the deny', async () => {
    const responses = new Map<GatewayResponseType, GatewayResponseSettings>([
      [
        'ACCESS_DENIED',
        {
          status: 403,
          headers: [{ name: 'WWW-Authenticate', value: { static: 'Bearer error="insufficient_scope"' } }],
          templates: new Map([
            ['application/json', '{"scope":"$context.authorizer.right","no":"$context.authorizer.absent"}'],
          ]),
        },
      ],
    ]);
    const under = await behind(
      cached,
      () => answer(policy('Deny', arn('GET/*'), { right: 'issues:write' })),
      responses,
    );
    const got = await under.get('/api/v1/a', withToken());
    expect(got.status).toBe(403);
    expect(got.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
    expect(await got.json()).toEqual({ scope: 'issues:write', no: '' });
  });

  test('is 401 without a call where an identity source is missing', async () => {
    const under = await behind(cached, () => answer(policy('Allow', arn('GET/*'))));
    const missing = await under.get('/api/v1/a');
    expect([missing.status, await missing.json()]).toEqual([401, { message: 'Unauthorized' }]);
    expect(asked(under)).toBe(0);
    expect((await under.get('/api/v1/a', withToken())).status).toBe(200);
  });

  test('is 401 where the authorizer throws Unauthorized, 500 where it throws anything else', async () => {
    const under = await behind(cached, (token) => ({
      kind: 'error',
      errorType: 'Error',
      errorMessage: token === 'Bearer bad' ? 'Unauthorized' : 'broken',
    }));
    expect((await under.get('/api/v1/a', withToken('Bearer bad'))).status).toBe(401);
    expect((await under.get('/api/v1/a', withToken('Bearer other'))).status).toBe(500);
  });

  test.each<[string, unknown]>([
    ['no object', 'allow'],
    ['no principal', { policyDocument: policy('Allow', '*').policyDocument }],
    ['no policy', { principalId: 'x' }],
    [
      'an unknown effect',
      {
        principalId: 'x',
        policyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Maybe', Action: '*', Resource: '*' }] },
      },
    ],
    ['an object in the context', policy('Allow', '*', { nested: {} })],
    ['null in the context', policy('Allow', '*', { nothing: null })],
    ['a resource of 513 characters', policy('Allow', arn('GET/').padEnd(513, 'x'))],
    ['more than 8 kB', policy('Allow', '*', { long: 'x'.repeat(8200) })],
  ])('is 500 where its answer has %s', async (_, payload) => {
    const under = await behind(cached, () => answer(payload));
    expect((await under.get('/api/v1/a', withToken())).status).toBe(500);
    expect(asked(under)).toBe(1);
  });

  test('is 500 where no permission lets the API invoke the authorizer', async () => {
    const under = await behind(cached, () => ({ kind: 'forbidden' }));
    expect((await under.get('/api/v1/a', withToken())).status).toBe(500);
    expect(under.lines.join()).toContain('authorizers/auth01');
  });
});

describe('the cache of answers', () => {
  test('is used for its time to live, and not longer', async () => {
    const under = await behind(cached, () => answer(policy('Allow', arn('GET/*'))));
    await under.get('/api/v1/a', withToken());
    under.pass(2999);
    await under.get('/api/v1/a', withToken());
    expect(asked(under)).toBe(1);
    under.pass(2);
    await under.get('/api/v1/a', withToken());
    expect(asked(under)).toBe(2);
  });

  test('tells apart by every identity source', async () => {
    const under = await behind(cached, () => answer(policy('Allow', arn('*'))));
    await under.get('/api/v1/a', withToken('Bearer one'));
    await under.get('/api/v1/a', withToken('Bearer two'));
    await under.get('/api/v1/b', withToken('Bearer one'));
    await under.get('/api/v1/a', withToken('Bearer one', { method: 'POST' }));
    expect(asked(under)).toBe(4);
    await under.get('/api/v1/b', withToken('Bearer one'));
    expect(asked(under)).toBe(4);
  });

  test('decides by its policy about another method where the token is the whole key', async () => {
    const [token] = cached.identitySources;
    if (!token) throw new Error('no identity source');
    const under = await behind({ ...cached, identitySources: [token] }, () => answer(policy('Allow', arn('GET/v1/a'))));
    expect((await under.get('/api/v1/a', withToken())).status).toBe(200);
    expect((await under.get('/api/v1/b', withToken())).status).toBe(403);
    expect(asked(under)).toBe(1);
  });

  test('keeps denials, but no errors', async () => {
    const under = await behind(cached, (token) =>
      token === 'Bearer denied'
        ? answer(policy('Deny', '*'))
        : { kind: 'error', errorType: 'Error', errorMessage: 'broken' },
    );
    await under.get('/api/v1/a', withToken('Bearer denied'));
    await under.get('/api/v1/a', withToken('Bearer denied'));
    expect(asked(under)).toBe(1);
    await under.get('/api/v1/a', withToken('Bearer broken'));
    await under.get('/api/v1/a', withToken('Bearer broken'));
    expect(asked(under)).toBe(3);
  });

  test('is off at a time to live of 0, and needs no identity source then', async () => {
    const under = await behind({ ...cached, identitySources: [], cacheSeconds: 0 }, () =>
      answer(policy('Allow', arn('GET/*'))),
    );
    expect((await under.get('/api/v1/a')).status).toBe(200);
    await under.get('/api/v1/a');
    expect(asked(under)).toBe(2);
  });
});
