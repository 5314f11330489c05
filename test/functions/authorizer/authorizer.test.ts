import { describe, expect, test } from 'vitest';
import { authorizer } from '../../../functions/authorizer/authorizer.ts';
import { newIntegration, newScene } from '../../src/oauth/access-token/scene.ts';
import { authorizerEvent } from './request.ts';

function gate() {
  const scene = newScene();
  const counted: { name: string; properties: Readonly<Record<string, string | undefined>> }[] = [];
  const authorize = authorizer({
    rows: [
      { resource: '/v1/issues', method: 'GET', right: 'issues:read' },
      { resource: '/v1/issues', method: 'POST', right: 'issues:write' },
    ],
    status: () => scene.services,
    uses: () => ({ noteUse: async () => {} }),
    origin: () => 'https://api.example',
    count: (name, properties) => {
      counted.push({ name, properties });
    },
  });
  return Object.assign(scene, { counted, authorize });
}

describe('allowed', () => {
  test('a token that carries the right, with its context and nothing counted', async () => {
    const { authorize, token, counted } = gate();
    const answer = await authorize(authorizerEvent(`Bearer ${token()}`));
    expect(answer).toMatchObject({
      policyDocument: { Statement: [{ Effect: 'Allow' }] },
      context: { rights: 'issues:read users:read' },
    });
    expect(counted).toEqual([]);
  });
});

describe('403', () => {
  test('for a live token without the right: a deny that says the right and nothing else, counted', async () => {
    const { authorize, token, counted } = gate();
    const answer = await authorize(authorizerEvent(`Bearer ${token()}`, { httpMethod: 'POST' }));
    expect(answer).toMatchObject({ policyDocument: { Statement: [{ Effect: 'Deny' }] } });
    expect(answer.context).toEqual({ scope: 'issues:write' });
    expect(counted).toMatchObject([{ name: 'RefusedTokens', properties: { reason: 'issues:write not held' } }]);
  });

  test('once the right is withdrawn, and no longer once it is restored', async () => {
    const scene = gate();
    const event = authorizerEvent(`Bearer ${scene.token()}`);
    const effect = async () => (await scene.authorize(event)).policyDocument.Statement[0]?.Effect;
    expect(await effect()).toBe('Allow');
    scene.integration = { ...newIntegration(), rights: {} };
    expect(await effect()).toBe('Deny');
    scene.integration = newIntegration();
    expect(await effect()).toBe('Allow');
  });
});

describe('401', () => {
  test('is the message that API Gateway knows, and nothing else', async () => {
    const { authorize } = gate();
    await expect(authorize(authorizerEvent(undefined))).rejects.toThrow(/^Unauthorized$/);
  });

  test.each([
    ['under another scheme', (token: string) => `DPoP ${token}`],
    ['without a scheme', (token: string) => token],
    ['with another after it', (token: string) => `Bearer ${token} ${token}`],
    ['in a list', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['with a space after it', (token: string) => `Bearer ${token} `],
    ['with padding after it', (token: string) => `Bearer ${token}=`],
  ])('for a token that is good, but presented %s', async (_, presented) => {
    const { authorize, token } = gate();
    const good = token();
    await expect(authorize(authorizerEvent(presented(good)))).rejects.toThrow(/^Unauthorized$/);
    expect(await authorize(authorizerEvent(`Bearer ${good}`))).toHaveProperty('context');
  });

  test('for a token that does not verify, counted without any of what it says', async () => {
    const { authorize, token, counted } = gate();
    const presented = token({ exp: 1 });
    await expect(authorize(authorizerEvent(`Bearer ${presented}`))).rejects.toThrow(/^Unauthorized$/);
    expect(counted).toMatchObject([{ name: 'RefusedTokens', properties: { reason: 'exp', client_id: undefined } }]);
    for (const part of presented.split('.')) expect(JSON.stringify(counted)).not.toContain(part);
  });

  test('for a dead token, counted with its id and its client', async () => {
    const scene = gate();
    const event = authorizerEvent(`Bearer ${scene.token()}`);
    scene.integration = undefined;
    await expect(scene.authorize(event)).rejects.toThrow(/^Unauthorized$/);
    const { client_id } = scene.claims();
    expect(scene.counted).toMatchObject([{ properties: { reason: 'integration deleted', client_id } }]);
  });
});

describe('500', () => {
  test('where the table does not answer: never 401, which would tell a client to throw its token away', async () => {
    const scene = gate();
    const event = authorizerEvent(`Bearer ${scene.token()}`);
    scene.outage = new Error('table down');
    await expect(scene.authorize(event)).rejects.toThrow('table down');
    expect(scene.counted).toMatchObject([{ name: 'AuthorizerFailures', properties: { reason: 'Error: table down' } }]);
  });

  test('for a route without a row, with the best of tokens', async () => {
    const { authorize, token, counted } = gate();
    await expect(authorize(authorizerEvent(`Bearer ${token()}`, { resource: '/v1/new' }))).rejects.toThrow('no row');
    expect(counted).toMatchObject([{ name: 'AuthorizerFailures' }]);
  });
});
