import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Integration } from '../../../../src/entities/integration.ts';
import { newTokenId } from '../../../../src/oauth/access-token/claims.ts';
import { clientId, newIntegration, newScene } from './scene.ts';

const registeredKey = { kid: 'app-key', kty: 'RSA' };

const deaths: [string, string, Partial<Integration> | undefined][] = [
  ['its integration is deleted', 'integration deleted', undefined],
  ['its integration is disabled', 'integration disabled', { status: 'disabled' }],
  ['every token issued up to now is revoked', 'tokens revoked', { tokenGeneration: 4 }],
  ['the secret that obtained it is revoked', 'credential revoked', { secrets: [] }],
  ['the grant type it came from is removed', 'grant type removed', { grantTypes: ['authorization_code'] }],
];

test.each(deaths)(
  'a token that is out is dead once %s, and lives again once that is undone',
  async (_, fault, after) => {
    const scene = newScene();
    const token = scene.token();
    expect(await scene.status(token)).toMatchObject({ active: true });
    scene.integration = after && { ...newIntegration(), ...after };
    expect(await scene.status(token)).toMatchObject({ active: false, fault, bearer: { clientId } });
    scene.integration = newIntegration();
    expect(await scene.status(token)).toMatchObject({ active: true });
  },
);

test('a token that was revoked on its own is dead, and no other of its integration', async () => {
  const scene = newScene();
  const [revoked, other] = [scene.token(), scene.token()];
  const before = await scene.status(revoked);
  if (!before.active) throw new Error(before.fault);
  await scene.revoked.revoke({
    tenant: before.claims.tenant,
    tokenId: before.claims.jti,
    expiresAt: before.claims.exp,
  });
  expect(await scene.status(revoked)).toMatchObject({ active: false, fault: 'token revoked' });
  expect(await scene.status(other)).toMatchObject({ active: true });
});

test('a token issued after revoke-tokens lives', async () => {
  const scene = newScene();
  const before = scene.token();
  scene.integration = { ...newIntegration(), tokenGeneration: 40 };
  expect(await scene.status(before)).toMatchObject({ active: false });
  expect(await scene.status(scene.token())).toMatchObject({ active: true });
});

test('a token lives by its own credential: one more added, or another revoked, changes nothing', async () => {
  const scene = newScene();
  const token = scene.token();
  const [secret] = newIntegration().secrets;
  if (secret === undefined) throw new Error('no secret');
  const other = { ...secret, id: 'sec_2' };
  scene.integration = { ...newIntegration(), secrets: [secret, other] };
  expect(await scene.status(token)).toMatchObject({ active: true });
  scene.integration = { ...newIntegration(), secrets: [other] };
  expect(await scene.status(token)).toMatchObject({ active: false });
});

test('a secret that ran out after an overlap does not kill what it obtained', async () => {
  const scene = newScene();
  const secrets = newIntegration().secrets.map((secret) => ({ ...secret, expiresAt: '2001-01-01T00:00:00.000Z' }));
  scene.integration = { ...newIntegration(), secrets };
  expect(await scene.status(scene.token())).toMatchObject({ active: true });
});

test('a token obtained with a registered key lives while the key is registered', async () => {
  const scene = newScene();
  const token = scene.token({ cred: registeredKey.kid });
  expect(await scene.status(token)).toMatchObject({ active: false, fault: 'credential revoked' });
  scene.integration = { ...newIntegration(), jwks: [registeredKey] };
  expect(await scene.status(token)).toMatchObject({ active: true });
});

test('a token that acts for someone whom nobody looks at is refused', async () => {
  const scene = newScene();
  expect(await scene.status(scene.token({ sub: 'usr_1' }))).toMatchObject({ fault: 'user without a token family' });
});

test('a token under the name of another tenant finds no integration', async () => {
  const scene = newScene();
  expect(await scene.status(scene.token({ tenant: 'ten_other' }))).toMatchObject({ fault: 'integration deleted' });
});

test('a generation is counted beyond the digits of one character', async () => {
  const scene = newScene();
  scene.integration = { ...newIntegration(), tokenGeneration: 35 };
  const jti = newTokenId(() => randomUUID(), 36);
  expect(await scene.status(scene.token({ jti }))).toMatchObject({ active: true });
  expect(await scene.status(scene.token({ jti: jti.replace(/_10$/, '_y') }))).toMatchObject({ active: false });
});

test('what cannot be read is neither alive nor dead', async () => {
  const scene = newScene();
  const token = scene.token();
  expect(await scene.status(token)).toMatchObject({ active: true });
  scene.outage = new Error('table down');
  await expect(scene.status(token)).rejects.toThrow('table down');
});
