import { describe, expect, test } from 'vitest';
import type { Integration } from '../../../../src/entities/integration.ts';
import { type Delegated, delegated, newDelegation, newIntegration, newScene, userId } from './scene.ts';

/** A token of a code, and everything that it hangs on. */
function signedIn() {
  const scene = newScene();
  scene.integration = { ...newIntegration(), grantTypes: ['authorization_code'] };
  scene.delegated = newDelegation();
  return Object.assign(scene, { delegatedToken: (changes = {}) => scene.token({ ...delegated, ...changes }) });
}

const { user, consent, session, family } = newDelegation();

const deaths: [string, string, Delegated][] = [
  ['its family is gone', 'token family gone', { family: undefined }],
  ['its family is revoked', 'token family revoked', { family: { ...family, revokedAt: '2026-11-21T10:00:00.000Z' } }],
  [
    'its family turns out to be of another client',
    "another client's token family",
    { family: { ...family, clientId: 'int_other' } },
  ],
  [
    'its family turns out to act for another user',
    "another user's token family",
    { family: { ...family, user: { ...family.user, id: 'usr_other' } } },
  ],
  ['its family turns out to act for nobody', "another user's token family", { family: { ...family, user: undefined } }],
  [
    'its family turns out to be of another session',
    "another session's token family",
    { family: { ...family, user: { ...family.user, sessionId: 'ses_2' } } },
  ],
  ['the grant type of its family is removed', 'grant type removed', { family: { ...family, grantType: 'password' } }],
  ['the user is deleted', 'user deleted', { user: undefined }],
  ['the user is disabled', 'user disabled', { user: { ...user, status: 'disabled' } }],
  ['the password is changed', 'password changed', { user: { ...user, tokenGeneration: 3 } }],
  ['the consent is withdrawn', 'consent withdrawn', { consent: undefined }],
  ['the consent is withdrawn and given anew', 'consent withdrawn', { consent: { ...consent, id: 'cns_2' } }],
  ['the session is ended', 'session ended', { session: undefined }],
  ['the session runs out', 'session ended', { session: { ...session, expiresAt: '2026-11-21T10:00:00.000Z' } }],
  ['the session is of an earlier password', 'session ended', { session: { ...session, userGeneration: 1 } }],
];

describe('a token that acts for a user', () => {
  test.each(deaths)('is dead once %s, and lives again once that is undone', async (_, fault, after) => {
    const scene = signedIn();
    const token = scene.delegatedToken();
    expect(await scene.status(token)).toMatchObject({ active: true, bearer: { subject: userId } });
    scene.delegated = { ...newDelegation(), ...after };
    expect(await scene.status(token)).toMatchObject({ active: false, fault });
    scene.delegated = newDelegation();
    expect(await scene.status(token)).toMatchObject({ active: true });
  });

  test.each<[string, string, Partial<Integration>]>([
    ['its integration is disabled', 'integration disabled', { status: 'disabled' }],
    ['the grant type is removed', 'grant type removed', { grantTypes: ['client_credentials'] }],
    ['its client is none that proves itself in that way', 'credential revoked', { secrets: [] }],
  ])("is dead with whatever kills a machine's: %s", async (_, fault, changes) => {
    const scene = signedIn();
    scene.integration = { ...newIntegration(), grantTypes: ['authorization_code'], ...changes };
    expect(await scene.status(scene.delegatedToken())).toMatchObject({ active: false, fault });
  });

  test('is read in one round trip, with all that it hangs on', async () => {
    const scene = signedIn();
    await scene.status(scene.delegatedToken());
    expect(scene.readings).toMatchObject([{ familyId: 'fam_1', userId, sessionId: 'ses_1' }]);
  });

  test('tells an endpoint its family, its session and its consent', async () => {
    const scene = signedIn();
    expect(await scene.status(scene.delegatedToken())).toMatchObject({
      bearer: { kind: 'access-token', familyId: 'fam_1', sessionId: 'ses_1', consentId: 'cns_1' },
    });
  });

  test('of an offline family outlives the session', async () => {
    const scene = signedIn();
    const offline = { ...family, user: { ...family.user, offline: true } };
    scene.delegated = { ...newDelegation(), family: offline, session: undefined };
    const token = scene.delegatedToken({ sid: undefined });
    expect(await scene.status(token)).toMatchObject({ active: true });
    scene.delegated = { ...newDelegation(), session: undefined };
    expect(await scene.status(token)).toMatchObject({ active: false, fault: "another session's token family" });
  });

  test('of a grant that asks for no consent needs none', async () => {
    const scene = signedIn();
    const { consentId: _, ...withoutConsent } = family.user;
    scene.delegated = { ...newDelegation(), consent: undefined, family: { ...family, user: withoutConsent } };
    expect(await scene.status(scene.delegatedToken())).toMatchObject({ active: true });
  });

  test('without a family is refused, whatever else it names', async () => {
    const scene = signedIn();
    const token = scene.delegatedToken({ fam: undefined });
    expect(await scene.status(token)).toMatchObject({ active: false, fault: 'user without a token family' });
    expect(scene.readings).not.toMatchObject([{ userId }]);
  });

  test('may do what the token, the integration and the user have in common, as of now', async () => {
    const scene = signedIn();
    const token = scene.delegatedToken({ scope: 'openid issues:read users:read audit:read' });
    const rights = async () => {
      const status = await scene.status(token);
      return status.active && status.rights;
    };
    expect(await rights()).toEqual({ global: ['issues:read', 'users:read'], byProject: {} });
    scene.integration = { ...newIntegration(), grantTypes: ['authorization_code'], rights: {} };
    expect(await rights()).toEqual({ global: [], byProject: {} });
    scene.integration = { ...newIntegration(), grantTypes: ['authorization_code'] };
    scene.delegated = { ...newDelegation(), user: { ...user, roles: [] } };
    expect(await rights()).toEqual({ global: [], byProject: {} });
  });
});

describe('a token of a public client', () => {
  test('lives while its client is one', async () => {
    const scene = signedIn();
    const token = scene.delegatedToken({ cred: 'none' });
    expect(await scene.status(token)).toMatchObject({ active: false, fault: 'credential revoked' });
    const grantTypes = ['authorization_code'];
    scene.integration = { ...newIntegration(), grantTypes, tokenEndpointAuthMethod: 'none', secrets: [] };
    expect(await scene.status(token)).toMatchObject({ active: true });
  });
});

describe("a machine's token with a family", () => {
  const { user: _, ...machine } = { ...family, grantType: 'client_credentials' };

  test('dies with its family, and asks for no user', async () => {
    const scene = newScene();
    const token = scene.token({ fam: 'fam_1' });
    scene.delegated = { family: machine };
    expect(await scene.status(token)).toMatchObject({ active: true, bearer: { familyId: 'fam_1' } });
    expect(scene.readings.every(({ userId }) => userId === undefined)).toBe(true);
    scene.delegated = { family: { ...machine, revokedAt: '2026-11-21T10:00:00.000Z' } };
    expect(await scene.status(token)).toMatchObject({ active: false, fault: 'token family revoked' });
  });

  test("is refused where the family is a user's", async () => {
    const scene = signedIn();
    scene.integration = newIntegration();
    expect(await scene.status(scene.token({ fam: 'fam_1' }))).toMatchObject({ fault: "another user's token family" });
  });
});
