import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { authorizer } from '../../../functions/authorizer/authorizer.ts';
import { DependencyUnavailable } from '../../../src/entities/errors.ts';
import type { TokenUseRecorder } from '../../../src/entities/personal-access-token.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import { newPersonalAccessToken } from '../../../src/oauth/personal-access-token.ts';
import { clientId, newDelegation, newScene, tenant, userId } from '../../src/oauth/access-token/scene.ts';
import { authorizerEvent } from './request.ts';

const text = newPersonalAccessToken({ tenant, userId, clientId, randomBytes });

/** The gate and a personal access token that may read issues; what is noted of its uses goes where a test says. */
function gate(noteUse: TokenUseRecorder['noteUse']) {
  const scene = newScene();
  const { user, consent } = newDelegation();
  const at = '2026-11-21T10:00:00.000Z';
  const personalAccessToken = {
    ...{ tenant, userId, clientId, id: 'pat_1', hash: hashOf(text), name: 'Script', consentId: 'cns_1' },
    rights: { global: ['issues:read'], byProject: {} },
    ...{ operator: false, userGeneration: 2, lastFour: '', createdAt: at, expiresAt: '2099-01-01T00:00:00.000Z' },
  };
  scene.delegated = { user, consent, personalAccessToken };
  const counted: string[] = [];
  const authorize = authorizer({
    rows: [
      { resource: '/v1/issues', method: 'GET', right: 'issues:read' },
      { resource: '/v1/issues', method: 'POST', right: 'issues:write' },
    ],
    status: () => scene.services,
    uses: () => ({ noteUse }),
    origin: () => 'https://api.example',
    count: (name) => {
      counted.push(name);
    },
  });
  return Object.assign(scene, { counted, authorize, personalAccessToken });
}

test('opens what its rights open, at any API of the deployment, and its use is noted after it was decided', async () => {
  const noted: unknown[] = [];
  const scene = gate(async (token, now) => {
    noted.push([token, now, scene.readings.length]);
  });
  const answer = await scene.authorize(authorizerEvent(`Bearer ${text}`));
  expect(answer).toMatchObject({
    principalId: userId,
    policyDocument: { Statement: [{ Effect: 'Allow' }] },
    context: { token_kind: 'personal-access-token', credential: 'pat_1', consent_id: 'cns_1', rights: 'issues:read' },
  });
  expect(noted).toEqual([[scene.personalAccessToken, scene.now, 1]]);
  expect(await scene.authorize(authorizerEvent(`Bearer ${text}`, { httpMethod: 'POST' }))).toMatchObject({
    policyDocument: { Statement: [{ Effect: 'Deny' }] },
  });
});

test('no use is noted of one that is dead, nor of any other token', async () => {
  const scene = gate(async () => {
    throw new Error('noted');
  });
  await scene.authorize(authorizerEvent(`Bearer ${scene.token()}`));
  scene.delegated = { ...scene.delegated, consent: undefined };
  await expect(scene.authorize(authorizerEvent(`Bearer ${text}`))).rejects.toThrow(/^Unauthorized$/);
});

test('is allowed although its use could not be noted, which the log tells', async () => {
  const scene = gate(async () => {
    throw new DependencyUnavailable('table down');
  });
  expect(await scene.authorize(authorizerEvent(`Bearer ${text}`))).toHaveProperty('context');
  expect(scene.counted).toEqual(['UnnotedUses']);
});

test('has no key, and is refused with a proof of one', async () => {
  const scene = gate(async () => {});
  await expect(scene.authorize(authorizerEvent(`DPoP ${text}`))).rejects.toThrow(/^Unauthorized$/);
  expect(await scene.authorize(authorizerEvent(`Bearer ${text}`))).toHaveProperty('context');
});
