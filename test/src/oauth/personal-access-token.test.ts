import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newClientId, newTenantId, newUserId } from '../../../src/entities/identifiers.ts';
import type { PersonalAccessToken } from '../../../src/entities/personal-access-token.ts';
import { hashOf, recognizable } from '../../../src/entities/recognizable-secret.ts';
import {
  anyTokenStatus,
  newPersonalAccessToken,
  parsePersonalAccessToken,
} from '../../../src/oauth/personal-access-token.ts';
import { type Delegated, newDelegation, newScene, clientId as ofScene, tenant, userId } from './access-token/scene.ts';

const text = newPersonalAccessToken({ tenant, userId, clientId: ofScene, randomBytes });

const row: PersonalAccessToken = {
  tenant,
  userId,
  id: 'pat_1',
  hash: hashOf(text),
  name: 'Nightly script',
  rights: { global: ['issues:write'], byProject: { PRJ: ['boards:write'] } },
  clientId: ofScene,
  consentId: 'cns_1',
  operator: false,
  userGeneration: 2,
  lastFour: text.slice(-4),
  createdAt: '2026-11-21T10:00:00.000Z',
  expiresAt: '2099-01-01T00:00:00.000Z',
};

/** What a personal access token hangs on: no family, no session. */
const { user, consent } = newDelegation();
const standing: Delegated = { user, consent, personalAccessToken: row };

function holder(changes: Delegated = {}) {
  const scene = newScene();
  scene.delegated = { ...standing, ...changes };
  return Object.assign(scene, { ask: (presented = text) => anyTokenStatus(scene.services, presented) });
}

describe('the text of a personal access token', () => {
  test('says where everything lies that it hangs on, and is no other token', () => {
    const origin = { tenant: newTenantId(randomBytes), userId: newUserId(randomBytes) };
    const clientId = newClientId(origin.tenant, randomBytes);
    const token = newPersonalAccessToken({ ...origin, clientId, randomBytes });
    expect(token).toMatch(/^lkp_[0-9A-Za-z]{88}$/);
    expect(parsePersonalAccessToken(token)).toEqual({ ...origin, clientId, hash: hashOf(token) });
    expect(newPersonalAccessToken({ ...origin, clientId, randomBytes })).not.toBe(token);
  });

  test.each([
    ['mistyped', `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`],
    ['cut off', text.slice(0, -6)],
    ['under another prefix', text.replace('lkp_', 'lks_')],
    ['longer', recognizable('lkp', 'a'.repeat(83))],
    ['shorter', recognizable('lkp', 'a'.repeat(81))],
    ['with a space after it', `${text} `],
    ['nothing', ''],
  ])('is none where it is %s', (_, presented) => {
    expect(parsePersonalAccessToken(text)).toBeDefined();
    expect(parsePersonalAccessToken(presented)).toBeUndefined();
  });

  test("is never made for another tenant's integration", () => {
    const clientId = newClientId(newTenantId(randomBytes), randomBytes);
    expect(() => newPersonalAccessToken({ tenant, userId, clientId, randomBytes })).toThrow();
  });
});

describe('a personal access token that lives', () => {
  test('is read in one round trip, by keys that are all in its text', async () => {
    const scene = holder();
    expect(await scene.ask()).toMatchObject({ active: true });
    expect(scene.readings).toEqual([{ tenant, clientId: ofScene, userId, personalAccessToken: row.hash }]);
    expect(scene.keyReadings).toBe(0);
  });

  test("is its user's, made through an app, and known by its own id", async () => {
    expect(await holder().ask()).toMatchObject({
      bearer: {
        kind: 'personal-access-token',
        tenant,
        subject: userId,
        clientId: ofScene,
        credential: 'pat_1',
        tokenId: 'pat_1',
        consentId: 'cns_1',
      },
    });
  });

  test('may do what it was given and its user still holds', async () => {
    expect(await holder().ask()).toMatchObject({
      rights: { global: ['issues:write'], byProject: { PRJ: ['boards:write'] } },
    });
    expect(await holder({ user: { ...user, roles: ['member'] } }).ask()).toMatchObject({
      rights: { global: ['issues:read'], byProject: { PRJ: ['boards:read'] } },
    });
    expect(await holder({ user: { ...user, roles: [] } }).ask()).toMatchObject({
      active: true,
      rights: { global: [], byProject: {} },
    });
  });

  test('does not hang on the app that it was made through, where the consent stands', async () => {
    const scene = holder();
    scene.integration = undefined;
    expect(await scene.ask()).toMatchObject({ active: true });
  });

  test('hangs on no consent where it was made without one', async () => {
    const { consentId: _, ...own } = row;
    expect(await holder({ personalAccessToken: own, consent: undefined }).ask()).toMatchObject({ active: true });
  });
});

describe('a personal access token is dead', () => {
  test.each<[string, string, Delegated]>([
    ['it is revoked', 'personal access token unknown or revoked', { personalAccessToken: undefined }],
    [
      'it expired',
      'personal access token expired',
      { personalAccessToken: { ...row, expiresAt: new Date(newScene().now).toISOString() } },
    ],
    ['its user is deleted', 'user deleted', { user: undefined }],
    ['its user is disabled', 'user disabled', { user: { ...user, status: 'disabled' } }],
    ['the password is changed', 'password changed', { user: { ...user, tokenGeneration: 3 } }],
    ['the consent is withdrawn', 'consent withdrawn', { consent: undefined }],
    ['the consent is withdrawn and given anew', 'consent withdrawn', { consent: { ...consent, id: 'cns_2' } }],
  ])('once %s', async (_, fault, changes) => {
    expect(await holder().ask()).toMatchObject({ active: true });
    expect(await holder(changes).ask()).toMatchObject({ active: false, fault });
  });

  test('where it was never made: one that is guessed, or altered', async () => {
    const scene = holder();
    const other = newPersonalAccessToken({ tenant, userId, clientId: ofScene, randomBytes });
    expect(await scene.ask(other)).toMatchObject({ active: false });
    expect(await scene.ask(text.slice(0, -1))).toMatchObject({ active: false, fault: 'not a personal access token' });
    expect(scene.readings).toHaveLength(1);
  });
});

test('what cannot be read is neither alive nor dead', async () => {
  const scene = holder();
  scene.outage = new Error('table down');
  await expect(scene.ask()).rejects.toThrow('table down');
});
