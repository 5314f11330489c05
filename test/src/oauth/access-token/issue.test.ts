import { randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import { type Issuance, issueAccessToken } from '../../../../src/oauth/access-token/issue.ts';
import { TooManyProjects } from '../../../../src/oauth/errors.ts';
import type { JwtSigner } from '../../../../src/ports.ts';
import { localSigner } from '../local-signer.ts';
import {
  audience,
  clientId,
  issuer,
  newDelegation,
  newIntegration,
  newScene,
  newSigner,
  tenant,
  userId,
} from './scene.ts';

const signer = newSigner('ES256');
const rights = { global: ['issues:read'], byProject: {}, audience: [audience] };
const { family } = newDelegation();

async function issued(changes: Partial<Issuance> = {}, port: Pick<JwtSigner, 'limit'> = {}) {
  const scene = newScene(signer);
  const { token_type, ...answer } = await issueAccessToken(
    { integration: newIntegration(), credential: 'sec_1', rights, ...changes },
    { issuer, tokenLifetimeSeconds: 600 },
    {
      clock: scene.clock,
      randomUuid: randomUUID,
      signer: { ...localSigner(signer.privateKey, signer.row.kid), ...port },
    },
  );
  return { ...answer, token_type, claims: decodeJwt(answer.access_token), scene };
}

test("a machine's own token says the client twice, and hangs on nothing else", async () => {
  const { access_token, token_type, expires_in, scope, claims, scene } = await issued();
  expect(decodeProtectedHeader(access_token)).toMatchObject({ typ: 'at+jwt' });
  expect([token_type, expires_in, scope]).toEqual(['Bearer', 600, 'issues:read']);
  const now = scene.now / 1000;
  expect(claims).toEqual({
    ...{ iss: issuer, sub: clientId, client_id: clientId, aud: audience, iat: now, exp: now + 600 },
    ...{ jti: expect.stringMatching(/_3$/), scope: 'issues:read', tenant, cred: 'sec_1' },
  });
});

test("a family's token names its user, its family and its session", async () => {
  const { claims } = await issued({ family });
  expect(claims).toMatchObject({ sub: userId, client_id: clientId, fam: 'fam_1', sid: 'ses_1' });
});

test('a token of an offline family names no session, that of a machine no user', async () => {
  const { claims: offline } = await issued({ family: { ...family, user: { ...family.user, offline: true } } });
  expect(offline).toMatchObject({ sub: userId, fam: 'fam_1' });
  expect(offline).not.toHaveProperty('sid');
  const { user: _, ...machine } = family;
  const { claims } = await issued({ family: machine });
  expect(claims).toMatchObject({ sub: clientId, fam: 'fam_1' });
  expect(claims).not.toHaveProperty('sid');
});

test('scopes that are no rights stand beside those that are', async () => {
  const { scope, claims } = await issued({ family, scopes: ['openid', 'email'] });
  expect([scope, claims.scope]).toEqual(['openid email issues:read', 'openid email issues:read']);
});

test('rights in single projects travel in the details alone, in the token and in the answer', async () => {
  const inProjects = { ...rights, global: [], byProject: { PRJ: ['issues:write'], ABC: ['boards:read'] } };
  const { claims, ...answer } = await issued({ rights: inProjects });
  const authorization_details = [
    { type: 'project', identifier: 'PRJ', actions: ['issues:write'] },
    { type: 'project', identifier: 'ABC', actions: ['boards:read'] },
  ];
  for (const said of [answer, claims]) {
    expect(said).toMatchObject({ authorization_details });
    expect(said).not.toHaveProperty('scope');
  }
});

test('a token with rights in more projects than fit into a header is refused, and one with fewer is not', async () => {
  const inProjects = (count: number) => {
    const keys = Array.from({ length: count }, (_, index) => `PROJECT${String(index).padStart(3, '0')}`);
    const byProject = Object.fromEntries(keys.map((key) => [key, ['issues:write', 'boards:write']]));
    return issued({ rights: { ...rights, global: [], byProject } });
  };
  const { access_token } = await inProjects(50);
  expect(access_token.length).toBeLessThan(8_500);
  await expect(inProjects(100)).rejects.toThrow(TooManyProjects);
});

test('a token longer than its algorithm signs is refused, and one that fits is not', async () => {
  const byProject = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`PROJECT${index}`, ['issues:write']]));
  const limit = 4_096;
  const signedLength = ({ access_token }: { readonly access_token: string }) => access_token.lastIndexOf('.');
  let fitting = 0;
  for (let count = 20; count <= 60; count++) {
    const carried = { rights: { ...rights, global: [], byProject: byProject(count) } };
    const answer = await issued(carried, { limit }).catch((error: unknown) => error);
    if (answer instanceof TooManyProjects) expect(signedLength(await issued(carried))).toBeGreaterThan(limit - 200);
    else fitting = Math.max(fitting, signedLength(answer as Awaited<ReturnType<typeof issued>>));
  }
  expect(fitting).toBeGreaterThan(limit - 400);
  expect(fitting).toBeLessThanOrEqual(limit);
});

test('a connection’s token names its application', async () => {
  const application = { id: 'app_1', acceptedVersion: 1, rights: { 'issues:read': { since: 1 } } };
  const { claims } = await issued({ integration: { ...newIntegration(), application } });
  expect(claims.app).toBe('app_1');
});

test('a token that is bound to a key says so, and how it is to be presented', async () => {
  const { claims, token_type } = await issued({ keyThumbprint: 'thumb' });
  expect([claims.cnf, token_type]).toEqual([{ jkt: 'thumb' }, 'DPoP']);
  expect(await issued({ family: { ...family, keyThumbprint: 'of-family' } })).toMatchObject({
    token_type: 'DPoP',
    claims: { cnf: { jkt: 'of-family' } },
  });
  const bare = await issued({ family });
  expect(bare.claims).not.toHaveProperty('cnf');
});

test('what is issued is accepted, with the rights of the family’s user', async () => {
  const { access_token, scene } = await issued({ family });
  scene.integration = { ...newIntegration(), grantTypes: ['authorization_code'] };
  scene.delegated = newDelegation();
  expect(await scene.status(access_token)).toMatchObject({ active: true, rights: { global: ['issues:read'] } });
});
