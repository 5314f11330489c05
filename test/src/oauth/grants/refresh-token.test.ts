import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../../../src/oauth/grants/grant.ts';
import { appOf, type GrantScene, grantScene, publicAppOf } from './scene.ts';

let scene: GrantScene;
let begun: TokenAnswer;
const begin = async (changes: Parameters<typeof appOf>[0] = {}) => {
  scene = await grantScene(appOf(changes));
  begun = await scene.begun();
};
beforeEach(() => begin());

/** The family as it is now. */
const family = () => scene.familyOf(begun);
const use = (token: string | undefined, parameters: Readonly<Record<string, string>> = {}) =>
  scene.issued(scene.refresh(token, parameters));
const fault = (token: string | undefined, parameters: Readonly<Record<string, string>> = {}) =>
  scene.errorOf(scene.refresh(token, parameters));

describe('a refresh token', () => {
  it('gives tokens of the same family, and its successor', async () => {
    const next = await use(begun.refresh_token);
    expect(next.refresh_token).toMatch(/^lkr_/);
    expect(next.refresh_token).not.toBe(begun.refresh_token);
    expect(decodeJwt(next.access_token).fam).toBe(decodeJwt(begun.access_token).fam);
    expect((await use(next.refresh_token)).scope).toBe(begun.scope);
  });

  it('comes with an ID token of the same sign-in, without the nonce (OIDC Core §12.2)', async () => {
    scene.time.now += 60_000;
    const first = decodeJwt(begun.id_token ?? '');
    const second = decodeJwt((await use(begun.refresh_token)).id_token ?? '');
    expect(second).toMatchObject({ sub: first.sub, aud: first.aud, iss: first.iss, auth_time: first.auth_time });
    expect(second.iat).toBe((first.iat ?? 0) + 60);
    expect(second).not.toHaveProperty('nonce');
  });

  it('narrows the access token and leaves the family as it was (RFC 6749 §6)', async () => {
    const narrow = await use(begun.refresh_token, { scope: 'issues:read' });
    expect(narrow.scope).toBe('issues:read');
    expect(narrow).not.toHaveProperty('id_token');
    expect((await use(narrow.refresh_token)).scope).toBe(begun.scope);
  });

  it.each([
    ['a right that was not granted', 'issues:write boards:read'],
    ['a scope that was not granted', 'openid email'],
    ['a right that nobody knows', 'colour'],
  ])('does not widen it: %s', async (_, scope) => {
    expect(await fault(begun.refresh_token, { scope })).toBe('invalid_scope');
    expect(await fault(begun.refresh_token)).toBe('issued');
  });

  it('leaves out what was granted and is held no more', async () => {
    scene.users.set(scene.user.id, { ...scene.user, roles: ['member'] });
    expect((await use(begun.refresh_token, { scope: 'issues:write issues:read' })).scope).toBe('issues:read');
  });
});

describe('a refresh token that comes again', () => {
  it('within ten seconds, its successor unused, is answered with that successor', async () => {
    const next = await use(begun.refresh_token);
    scene.time.now += 10_000;
    const again = await use(begun.refresh_token);
    expect(again.refresh_token).toBe(next.refresh_token);
    expect(again.access_token).not.toBe(next.access_token);
    expect(await fault(next.refresh_token)).toBe('issued');
  });

  it('later than that ends the family', async () => {
    const next = await use(begun.refresh_token);
    scene.time.now += 10_001;
    expect(await fault(begun.refresh_token)).toBe('invalid_grant');
    expect(await family()).toHaveProperty('revokedAt');
    expect(await fault(next.refresh_token)).toBe('invalid_grant');
  });

  it('with its successor used ends the family', async () => {
    const next = await use(begun.refresh_token);
    const third = await use(next.refresh_token);
    expect(await fault(begun.refresh_token)).toBe('invalid_grant');
    expect(await fault(third.refresh_token)).toBe('invalid_grant');
  });

  it('from another credential of the client ends the family', async () => {
    const { integration } = scene.app;
    await use(begun.refresh_token);
    const [secret] = integration.secrets;
    if (secret === undefined) throw new Error('no secret');
    scene.integrations.set(integration.clientId, { ...integration, secrets: [{ ...secret, id: 'sec_2' }] });
    expect(await fault(begun.refresh_token)).toBe('invalid_grant');
    expect(await family()).toHaveProperty('revokedAt');
  });

  it('ten times at once gives each its caller the one successor', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => use(begun.refresh_token)));
    const successors = new Set(answers.map(({ refresh_token }) => refresh_token));
    expect(successors.size).toBe(1);
    expect(await family()).toMatchObject({ refresh: { rotations: 1 } });
    expect(await fault([...successors][0])).toBe('issued');
  });

  it('of a public client without a key is told apart by time alone', async () => {
    scene = await grantScene(publicAppOf());
    begun = await scene.begun();
    const next = await use(begun.refresh_token);
    expect((await use(begun.refresh_token)).refresh_token).toBe(next.refresh_token);
    scene.time.now += 10_001;
    expect(await fault(begun.refresh_token)).toBe('invalid_grant');
    expect(await fault(next.refresh_token)).toBe('invalid_grant');
  });
});

describe('a refresh token is over', () => {
  it.each<[string, () => void]>([
    ['when the user is disabled', () => scene.users.set(scene.user.id, { ...scene.user, status: 'disabled' })],
    ['when the password was changed', () => scene.users.set(scene.user.id, { ...scene.user, tokenGeneration: 3 })],
    ['when the session has ended', () => scene.sessions.clear()],
    ['when the consent was withdrawn', () => scene.consents.clear()],
    ['when the integration revoked all tokens', () => change({ tokenGeneration: 1 })],
    ['when the grant type that it came from was removed', () => change({ grantTypes: ['refresh_token'] })],
  ])('%s', async (_, happen) => {
    const { refresh_token } = begun;
    happen();
    expect(await fault(refresh_token)).toBe('invalid_grant');
  });

  const change = (changes: object) => {
    const { integration } = scene.app;
    scene.integrations.set(integration.clientId, { ...integration, ...changes });
  };

  it('when the integration may not refresh any more: unauthorized_client', async () => {
    change({ grantTypes: ['authorization_code'] });
    expect(await fault(begun.refresh_token)).toBe('unauthorized_client');
  });

  it('a week without use, and not before', async () => {
    scene.sessions.set(scene.session.id, { ...scene.session, expiresAt: '2027-11-21T00:00:00.000Z' });
    scene.time.now += 604_800_000;
    expect(await fault(begun.refresh_token)).toBe('invalid_grant');
    scene.time.now -= 1;
    expect(await fault(begun.refresh_token)).toBe('issued');
  });

  it('when the family has come to its end, however often it was used', async () => {
    scene.sessions.set(scene.session.id, { ...scene.session, expiresAt: '2027-11-21T00:00:00.000Z' });
    const end = Date.parse('2026-12-21T12:00:00.000Z');
    let { refresh_token } = begun;
    while (scene.time.now + 600_000_000 < end) {
      scene.time.now += 600_000_000;
      refresh_token = (await use(refresh_token)).refresh_token;
    }
    scene.time.now = end - 1;
    refresh_token = (await use(refresh_token)).refresh_token;
    scene.time.now = end;
    expect(await fault(refresh_token)).toBe('invalid_grant');
  });

  it('with the session, save where offline_access was granted', async () => {
    const { code } = await scene.code();
    if (code.family.user === undefined) throw new Error('no user');
    begun = await scene.begun({ user: { ...code.family.user, offline: true }, scopes: ['openid', 'offline_access'] });
    scene.sessions.clear();
    expect(await fault(begun.refresh_token)).toBe('issued');
  });
});

describe('a refresh token is nothing', () => {
  it.each<[string, (token: string) => string]>([
    ['where it is missing', () => ''],
    ['where it is mistyped', (token) => `${token.slice(0, -1)}${token.endsWith('0') ? 1 : 0}`],
    ['of another kind', () => begun.access_token],
  ])('%s', async (_, changed) => {
    expect(await fault(changed(begun.refresh_token ?? ''))).toMatch(/^invalid_(grant|request)$/);
    expect(await fault(begun.refresh_token)).toBe('issued');
  });

  it("for another client, of its own tenant or another's, which cannot end the family either", async () => {
    for (const other of [appOf(), appOf({ tenant: 'ten_0123456789abcdef' })]) {
      scene.integrations.set(other.integration.clientId, other.integration);
      expect(await scene.errorOf(scene.refresh(begun.refresh_token), other)).toBe('invalid_grant');
    }
    expect(await fault(begun.refresh_token)).toBe('issued');
  });

  it("where only the family's secret is missing to it", async () => {
    const { refreshTokenOf, newFamilySecret } = await import('../../../../src/oauth/refresh-token.ts');
    const known = await family();
    if (known === undefined) throw new Error('no family');
    const forged = refreshTokenOf(
      known,
      newFamilySecret((size) => new Uint8Array(size)),
      0,
    );
    expect(await fault(forged)).toBe('invalid_grant');
    expect(await family()).not.toHaveProperty('revokedAt');
  });
});
