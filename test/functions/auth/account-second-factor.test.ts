import { describe, expect, it, vi } from 'vitest';
import { navigator } from './authorization-scene.ts';
import { codesOn, credentials, later, path, required, signInAt, withApp, withUser } from './second-factor-scene.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) =>
  (await import('../../cheap-password-hash.ts')).withCheapHashes(original),
);

withUser();

describe('what somebody signs in with', () => {
  it('is changed only soon after a sign-in', async () => {
    const { by } = await withApp();
    later(10 * 60 + 1);
    const page = await by.open(path());
    expect(page.heading).toBe('Two-step sign-in');
    for (const fields of [{ action: 'add' }, { action: 'codes' }, { action: 'remove', factor: 'totp' }] as Record<
      string,
      string
    >[])
      expect(await by.send(page, fields)).toMatchObject({ heading: 'Sign in' });
    expect((await credentials())?.totp).toBeDefined();
  });

  it('is changed only with a second factor where there is one, also by who signed in before it was', async () => {
    const early = navigator();
    const page = await signInAt(early);
    await withApp();
    expect(await early.send(page, { action: 'remove', factor: 'totp' })).toMatchObject({ heading: 'Sign in' });
    expect((await credentials())?.totp).toBeDefined();
  });

  it('is removed, the recovery codes with the last of it', async () => {
    const { by } = await withApp();
    const page = await by.send(await by.open(path()), { action: 'remove', factor: 'totp' });
    expect(page).toMatchObject({ status: 200, heading: 'Two-step sign-in' });
    expect(await credentials()).toMatchObject({ passkeys: [], recoveryCodes: [] });
    expect((await credentials())?.totp).toBeUndefined();
    expect((await signInAt(navigator())).heading).toBe('Two-step sign-in');
  });

  it('is not removed where it is the last and the tenant demands one', async () => {
    const { by } = await withApp();
    await required();
    const page = await by.send(await by.open(path()), { action: 'remove', factor: 'totp' });
    expect(page).toMatchObject({ status: 403, problem: expect.stringMatching(/asks for a second step/) });
    expect((await credentials())?.totp).toBeDefined();
  });

  it('has new recovery codes in the place of the old', async () => {
    const { by, codes } = await withApp();
    const page = await by.send(await by.open(path()), { action: 'codes' });
    const fresh = codesOn(page);
    expect(fresh).toHaveLength(10);
    const other = navigator();
    expect(await other.send(await signInAt(other), { code: codes[0] ?? '' })).toMatchObject({ status: 403 });
    expect(await other.send(await signInAt(other), { code: fresh[0] ?? '' })).toMatchObject({ status: 200 });
  });
});
