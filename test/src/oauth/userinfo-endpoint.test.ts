import { beforeEach, describe, expect, it } from 'vitest';
import { createAccessTokenVerifier } from '../../../src/oauth/access-token/verifier.ts';
import type { OAuthError } from '../../../src/oauth/errors.ts';
import { type UserinfoRequest, userinfo } from '../../../src/oauth/userinfo-endpoint.ts';
import { issuer, registered } from './authorization-server.ts';
import { newProver } from './dpop/proofs.ts';
import { type GrantScene, grantScene } from './grants/scene.ts';

const url = `${issuer}/oauth2/userinfo`;
let scene: GrantScene;
let token: string;
beforeEach(async () => {
  scene = await grantScene();
  ({ access_token: token } = await scene.begun({ scopes: ['openid', 'profile', 'email'] }));
});

const bearer = (text = token): Partial<UserinfoRequest> => ({ authorization: `Bearer ${text}` });

function ask(sent: Partial<UserinfoRequest> = bearer(), { dpop = false } = {}) {
  const { clock } = scene.ports;
  const verifier = createAccessTokenVerifier({ keys: scene.status.keys, clock, issuer, audience: issuer });
  return userinfo({ method: 'GET', body: null, isBase64Encoded: false, ...sent }, issuer, {
    status: { ...scene.status, verifier },
    possession: dpop ? { proofs: scene.ports.dpop.proofs, clock } : undefined,
  });
}
const errorOf = (...sent: Parameters<typeof ask>): Promise<Partial<OAuthError>> =>
  ask(...sent).then(
    () => ({ code: 'answered' }),
    (error) => error,
  );

describe('userinfo', () => {
  it('tells what the scopes of the token open, as it is now', async () => {
    const sub = scene.user.id;
    const profile = { name: 'Ada Lovelace', preferred_username: 'ada' };
    const email = { email: 'ada@example.com', email_verified: false };
    expect(await ask()).toEqual({ sub, ...profile, ...email });
    const tokenFor = async (scopes: readonly string[]) => bearer((await scene.begun({ scopes })).access_token);
    expect(await ask(await tokenFor(['openid']))).toEqual({ sub });
    expect(await ask(await tokenFor(['openid', 'profile']))).toEqual({ sub, ...profile });
    expect(await ask(await tokenFor(['openid', 'email']))).toEqual({ sub, ...email });
    scene.users.set(sub, { ...scene.user, name: 'Ada King' });
    expect(await ask()).toMatchObject({ name: 'Ada King' });
  });

  it('takes the token in a form of a POST, and not in two places', async () => {
    const form = {
      method: 'POST',
      contentType: 'application/x-www-form-urlencoded',
      body: new URLSearchParams({ access_token: token }).toString(),
    };
    expect(await ask(form)).toMatchObject({ sub: scene.user.id });
    expect(await errorOf({ ...form, ...bearer() })).toMatchObject({ code: 'invalid_request' });
    expect(await errorOf({ ...form, method: 'GET' })).toMatchObject({ code: 'invalid_token' });
  });
});

describe('401', () => {
  it('says the scheme alone where no token came', async () => {
    const headers = { 'WWW-Authenticate': 'Bearer realm="latchkey"' };
    expect(await errorOf({})).toMatchObject({ status: 401, headers });
    expect(await errorOf({ authorization: 'Basic YTpi' })).toMatchObject({ status: 401, headers });
  });

  it('names invalid_token for one that does not verify, is an ID token or is for another API', async () => {
    const { id_token, access_token } = await scene.begun({ scopes: [] });
    const { id_token: idToken } = await scene.begun();
    expect(id_token).toBeUndefined();
    for (const text of [`${token}x`, idToken, access_token])
      expect(await errorOf(bearer(text))).toMatchObject({
        code: 'invalid_token',
        headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      });
  });

  it.each<[string, () => void]>([
    ['its user is disabled', () => scene.users.set(scene.user.id, { ...scene.user, status: 'disabled' })],
    ['its session has ended', () => scene.sessions.clear()],
    ['its consent was withdrawn', () => scene.consents.clear()],
    ['it has expired', () => (scene.time.now += 3_600_000)],
  ])('once %s', async (_, happen) => {
    expect(await ask()).toMatchObject({ sub: scene.user.id });
    happen();
    expect(await errorOf()).toMatchObject({ code: 'invalid_token' });
  });

  it('for a token that is bound to a key and comes without its proof, or with one that was used', async () => {
    const { code, parameters } = await scene.code();
    const prover = await newProver();
    const { issueAccessToken } = await import('../../../src/oauth/access-token/issue.ts');
    await scene.issued(parameters);
    const bound = await issueAccessToken(
      {
        integration: scene.app.integration,
        credential: 'sec_1',
        rights: { global: [], byProject: {}, audience: [issuer] },
        scopes: ['openid'],
        family: { ...code.family, credential: 'sec_1' },
        keyThumbprint: prover.thumbprint,
      },
      { issuer, tokenLifetimeSeconds: 3600 },
      scene.ports,
    );
    const text = bound.access_token;
    const proof = await prover.prove('GET', url, scene.time.now, text);
    const proved = { authorization: `DPoP ${text}`, dpop: [proof] };
    expect(await errorOf(bearer(text), { dpop: true })).toMatchObject({ code: 'invalid_token' });
    expect(await errorOf(proved, { dpop: false })).toMatchObject({ code: 'invalid_token' });
    expect(await errorOf({ ...proved, dpop: [proof, proof] }, { dpop: true })).toMatchObject({ code: 'invalid_token' });
    expect(await ask(proved, { dpop: true })).toEqual({ sub: scene.user.id });
    const again = await errorOf(proved, { dpop: true });
    expect(again).toMatchObject({
      code: 'invalid_token',
      headers: { 'WWW-Authenticate': expect.stringMatching(/DPoP.*algs="/) },
    });
  });
});

describe('403', () => {
  it("is a machine's own token, which no user stands behind", async () => {
    scene = await grantScene(registered(['issues:read']));
    const { issueAccessToken } = await import('../../../src/oauth/access-token/issue.ts');
    const { access_token } = await issueAccessToken(
      {
        integration: scene.app.integration,
        credential: 'sec_1',
        rights: { global: [], byProject: {}, audience: [issuer] },
      },
      { issuer, tokenLifetimeSeconds: 3600 },
      scene.ports,
    );
    expect(await errorOf(bearer(access_token))).toMatchObject({
      code: 'insufficient_scope',
      status: 403,
      headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="openid"' },
    });
  });
});
