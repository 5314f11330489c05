import { randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DeviceAuthorization, newUserCode } from '../../../../src/entities/device-authorization.ts';
import { deviceCodeGrant } from '../../../../src/entities/grant-type.ts';
import { newId } from '../../../../src/entities/identifiers.ts';
import { hashOf } from '../../../../src/entities/recognizable-secret.ts';
import type { FamilyDraft } from '../../../../src/entities/token-family.ts';
import { apiUrl, issuer, type Registered } from '../authorization-server.ts';
import { type appOf, draftOf, type GrantScene, grantScene, publicAppOf } from './scene.ts';

const grantTypes = [deviceCodeGrant, 'refresh_token'];
const deviceApp = (changes: Parameters<typeof appOf>[0] = {}) => publicAppOf({ grantTypes, ...changes });

let scene: GrantScene;
let other: Registered;
beforeEach(async () => {
  scene = await grantScene(deviceApp());
  other = deviceApp();
  scene.integrations.set(other.integration.clientId, other.integration);
});

/** A device that waits, and the request that it polls with. */
async function waiting(changes: Partial<DeviceAuthorization> = {}) {
  const deviceCode = newId('lkd', randomBytes);
  const { tenant, clientId } = scene.app.integration;
  const authorization: DeviceAuthorization = {
    tenant,
    codeHash: hashOf(deviceCode),
    userCode: newUserCode(randomBytes),
    clientId,
    parameters: {},
    createdAt: new Date(scene.time.now).toISOString(),
    expiresAt: new Date(scene.time.now + 600_000).toISOString(),
    intervalSeconds: 5,
    ...changes,
  };
  await scene.ports.devices.create(authorization, scene.time.now);
  const poll = { grant_type: deviceCodeGrant, device_code: deviceCode };
  const allow = (family: Partial<FamilyDraft> = {}) =>
    scene.ports.devices.decide(
      authorization,
      draftOf(scene.app, scene, { grantType: deviceCodeGrant, nonce: undefined, ...family }),
    );
  return { authorization, poll, allow, deny: () => scene.ports.devices.decide(authorization, undefined) };
}

const later = (seconds: number) => {
  scene.time.now += seconds * 1000;
};

describe('a device that somebody allowed', () => {
  it('is given tokens that act for that user, name their family and end with the session', async () => {
    const { poll, allow } = await waiting();
    await allow();
    const answer = await scene.issued(poll);
    expect(answer).toMatchObject({ token_type: 'Bearer', scope: 'openid issues:write users:read' });
    expect(answer.refresh_token).toMatch(/^lkr_/);
    expect(decodeJwt(answer.access_token)).toMatchObject({
      sub: scene.user.id,
      aud: [apiUrl, issuer],
      sid: scene.session.id,
      cred: 'none',
    });
    expect(await scene.familyOf(answer)).toMatchObject({ grantType: deviceCodeGrant, credential: 'none' });
    expect(decodeJwt(answer.id_token ?? '')).toMatchObject({ sub: scene.user.id, sid: scene.session.id });
  });

  it('is answered at once, however soon it asks', async () => {
    const { poll, allow } = await waiting();
    expect(await scene.errorOf(poll)).toBe('authorization_pending');
    await allow();
    expect(await scene.errorOf(poll)).toBe('issued');
  });

  it('is answered once, of ten polls at the same time too', async () => {
    const { poll, allow } = await waiting();
    await allow();
    const answers = await Promise.all(Array.from({ length: 10 }, () => scene.errorOf(poll)));
    expect(answers.sort()).toEqual([...Array(9).fill('invalid_grant'), 'issued']);
    later(60);
    expect(await scene.errorOf(poll)).toBe('invalid_grant');
  });

  it.each([
    ['the session ended meanwhile', () => scene.sessions.clear()],
    ['the consent was withdrawn meanwhile', () => scene.consents.clear()],
    ['the user was disabled meanwhile', () => scene.users.set(scene.user.id, { ...scene.user, status: 'disabled' })],
  ])('is given nothing where %s', async (_, happens) => {
    const { poll, allow } = await waiting();
    await allow();
    happens();
    expect(await scene.errorOf(poll)).toBe('invalid_grant');
  });

  it('is given no more than the user holds by then', async () => {
    const { poll, allow } = await waiting();
    await allow();
    scene.users.set(scene.user.id, { ...scene.user, roles: ['member'] });
    expect((await scene.issued(poll)).scope).toBe('openid issues:read users:read');
  });

  it('may ask for the tokens of one API', async () => {
    const { poll, allow } = await waiting();
    await allow({ scopes: [] });
    expect(decodeJwt((await scene.issued({ ...poll, resource: apiUrl })).access_token).aud).toBe(apiUrl);
  });
});

describe('a device code', () => {
  it('is of its client alone, whose attempt another client cannot spoil', async () => {
    const elsewhere = deviceApp({ tenant: 'ten_0123456789abcdef' });
    scene.integrations.set(elsewhere.integration.clientId, elsewhere.integration);
    const { poll, allow } = await waiting();
    await allow();
    expect(await scene.errorOf(poll, other)).toBe('invalid_grant');
    expect(await scene.errorOf(poll, elsewhere)).toBe('invalid_grant');
    expect(await scene.errorOf(poll)).toBe('issued');
  });

  it.each([
    ['unknown', { device_code: 'lkd_unknown' }, 'invalid_grant'],
    ['missing', { device_code: '' }, 'invalid_request'],
  ])('%s is refused', async (_, changes, error) => {
    const { poll } = await waiting();
    expect(await scene.errorOf({ ...poll, ...changes })).toBe(error);
  });

  it('is refused to a client whose grant was taken away', async () => {
    const { poll, allow } = await waiting();
    await allow();
    const { integration } = scene.app;
    scene.integrations.set(integration.clientId, { ...integration, grantTypes: ['authorization_code'] });
    expect(await scene.errorOf(poll)).toBe('unauthorized_client');
  });

  it('that was denied is access_denied, however often it is asked for', async () => {
    const { poll, deny } = await waiting();
    await deny();
    expect(await scene.errorOf(poll)).toBe('access_denied');
    expect(await scene.errorOf(poll)).toBe('access_denied');
  });

  it.each(['undecided', 'allowed', 'denied'])('that ran out %s is expired_token', async (verdict) => {
    const { poll, allow, deny } = await waiting();
    if (verdict === 'allowed') await allow();
    if (verdict === 'denied') await deny();
    later(599);
    expect(await scene.errorOf(poll)).toBe(
      { undecided: 'authorization_pending', allowed: 'issued', denied: 'access_denied' }[verdict],
    );
    later(1);
    expect(await scene.errorOf(poll)).toBe(verdict === 'allowed' ? 'invalid_grant' : 'expired_token');
  });
});

describe('a device that waits', () => {
  it('is told so as long as it keeps the interval', async () => {
    const { poll } = await waiting();
    for (let polls = 0; polls < 5; polls++) {
      expect(await scene.errorOf(poll)).toBe('authorization_pending');
      later(5);
    }
  });

  it('is slowed down by five seconds for each poll that comes too early', async () => {
    const { poll } = await waiting();
    expect(await scene.errorOf(poll)).toBe('authorization_pending');
    later(4);
    expect(await scene.errorOf(poll)).toBe('slow_down');
    later(9);
    expect(await scene.errorOf(poll)).toBe('slow_down');
    later(15);
    expect(await scene.errorOf(poll)).toBe('authorization_pending');
    later(14);
    expect(await scene.errorOf(poll)).toBe('slow_down');
  });

  it('that polls ten times at once is slowed down but for one answer', async () => {
    const { poll } = await waiting();
    const answers = await Promise.all(Array.from({ length: 10 }, () => scene.errorOf(poll)));
    expect(answers.sort()).toEqual(['authorization_pending', ...Array(9).fill('slow_down')]);
  });
});
