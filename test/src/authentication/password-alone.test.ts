import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PasswordAlonePorts, signInByPasswordAlone } from '../../../src/authentication/password-alone.ts';
import type { FederatedIdentity } from '../../../src/entities/federated-identity.ts';
import type { Tenant } from '../../../src/entities/tenant.ts';
import type { User } from '../../../src/entities/user.ts';
import type { UserCredentials } from '../../../src/entities/user-credentials.ts';
import { password, type SignInScene, signInScene } from './scene.ts';

let scene: SignInScene;
let tenant: Tenant;
beforeAll(async () => {
  scene = await signInScene();
  tenant = { tenant: scene.tenant, name: 'One', operator: true, managers: 1 };
});
afterAll(() => scene.close());

const link = { id: 'fid_1', providerId: 'idp_1' } as FederatedIdentity;

function attempt(
  user: User,
  changes: { tenant?: Partial<Tenant>; links?: FederatedIdentity[]; password?: string } = {},
) {
  const ports: PasswordAlonePorts = {
    ...scene.ports,
    tenants: { get: async (id) => (id === scene.tenant ? { ...tenant, ...changes.tenant } : undefined) },
    federatedIdentities: { ofUser: async () => changes.links ?? [] },
  };
  const { username } = user;
  const address = '203.0.113.7';
  return signInByPasswordAlone(ports, {
    tenant: scene.tenant,
    username,
    password: changes.password ?? password,
    address,
  });
}

async function withCredentials(change: Partial<UserCredentials>): Promise<User> {
  const user = await scene.newUser();
  const before = await scene.ports.credentials.get(scene.tenant, user.id);
  if (before === undefined) throw new Error('has no credentials');
  await scene.ports.credentials.update(before, { ...before, ...change });
  return user;
}

const totp = { ciphertext: '', createdAt: '2026-11-21T10:00:00.000Z' };
const passkey = { id: 'p', publicKey: '', signatures: 0, name: 'Key', createdAt: totp.createdAt, transports: [] };

describe('a password alone', () => {
  it('does for a user of whom nothing else is asked, and says whether the tenant is the operator’s', async () => {
    const user = await scene.newUser();
    expect(await attempt(user)).toEqual({ user, operator: true });
    expect(await attempt(user, { tenant: { operator: false } })).toEqual({ user, operator: false });
  });

  it('does for a user whose enrolment was begun and not finished', async () => {
    expect(await attempt(await withCredentials({ pendingTotp: { ...totp, interaction: 'itx_1' } }))).toHaveProperty(
      'user',
    );
  });

  it.each<[string, Partial<UserCredentials>]>([
    ['an authenticator app', { totp }],
    ['a passkey', { passkeys: [passkey as UserCredentials['passkeys'][number]] }],
  ])('does not do for a user who has %s', async (_, change) => {
    expect(await attempt(await withCredentials(change))).toMatchObject({ fault: 'has a second factor' });
  });

  it('does not do where the tenant demands a second factor', async () => {
    const policy = { secondFactorRequired: true };
    expect(await attempt(await scene.newUser(), { tenant: { policy } })).toMatchObject({
      fault: 'must have a second factor',
    });
  });

  it('does not do for a user who comes from an upstream provider', async () => {
    expect(await attempt(await scene.newUser(), { links: [link] })).toMatchObject({ fault: 'is federated' });
  });

  it('that is wrong does not do, and is slowed down like at the sign-in page', async () => {
    const user = await scene.newUser();
    const wrong = { password: 'Wrong horse battery' };
    for (let guess = 0; guess < 4; guess++)
      expect(await attempt(user, wrong)).toMatchObject({ fault: 'wrong username or password' });
    expect(await attempt(user)).toHaveProperty('user');
    expect(await attempt(user, wrong)).toMatchObject({ fault: 'wrong username or password' });
    expect(await attempt(user, wrong)).toMatchObject({ fault: 'too many attempts' });
    expect(await attempt(user)).toMatchObject({ fault: 'too many attempts' });
  });
});
