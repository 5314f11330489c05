import { describe, expect, it, vi } from 'vitest';
import { newAuthenticator } from '../../src/authentication/authenticator.ts';
import { issuer } from '../../src/oauth/authorization-server.ts';
import { navigator } from './authorization-scene.ts';
import {
  codeOf,
  credentials,
  follow,
  later,
  newPassword,
  optionsOn,
  path,
  required,
  secretOn,
  signInAt,
  storedSessions,
  withApp,
  withUser,
} from './second-factor-scene.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) =>
  (await import('../../cheap-password-hash.ts')).withCheapHashes(original),
);

withUser();

describe('the second step', () => {
  it('is over once the password is another: whoever knew the old one neither enrols nor signs in', async () => {
    await required();
    const early = navigator();
    const choice = await signInAt(early);
    const setUp = await follow(early, choice, 'Use an authenticator app');
    await newPassword();
    expect(await early.send(setUp, { code: codeOf(secretOn(setUp)) })).toMatchObject({ heading: 'This page is over' });
    expect((await credentials())?.totp).toBeUndefined();

    const { secret } = await withApp();
    later(60);
    const by = navigator();
    const step = await signInAt(by);
    await newPassword();
    expect(await by.send(step, { code: codeOf(secret) })).toMatchObject({ status: 400, heading: 'This page is over' });
    expect(await by.open(path())).toMatchObject({ heading: 'Sign in' });
  });

  it.each(['app', 'recovery code'])('with a code of the %s signs in, once', async (kind) => {
    const { secret, codes } = await withApp();
    later(60);
    const by = navigator();
    const step = await signInAt(by);
    expect(step).toMatchObject({ status: 200, heading: 'Confirm it is you' });
    const code = kind === 'app' ? codeOf(secret) : (codes[3] ?? '');
    expect(await by.send(step, { code: '000000' })).toMatchObject({
      status: 403,
      problem: expect.stringMatching(/wrong, or was used/),
    });
    expect(await by.send(step, { code })).toMatchObject({ status: 200, heading: 'Two-step sign-in' });
    const other = navigator();
    expect(await other.send(await signInAt(other), { code })).toMatchObject({ status: 403 });
    expect((await storedSessions()).map(({ methods }) => methods)).toContainEqual([
      'pwd',
      kind === 'app' ? 'otp' : 'rec',
    ]);
  });

  it('with a passkey signs in; what it signed counts once', async () => {
    const first = navigator();
    const authenticator = newAuthenticator(new URL(issuer).origin);
    const choice = await first.send(await signInAt(first), { action: 'add' });
    await first.send(choice, { response: authenticator.create(optionsOn(choice)) });
    const by = navigator();
    const step = await signInAt(by);
    const response = authenticator.get(optionsOn(step));
    const other = navigator();
    expect(await other.send(await signInAt(other), { response })).toMatchObject({ status: 403 });
    expect(await by.send(step, { response })).toMatchObject({ status: 200, heading: 'Two-step sign-in' });
    expect((await credentials())?.passkeys).toMatchObject([{ signatures: 1 }]);
  });

  it('slows down who guesses', async () => {
    await withApp();
    const by = navigator();
    let page = await signInAt(by);
    for (let guess = 0; page.status !== 429 && guess < 10; guess++)
      page = await by.send(page, { code: `10000${guess}` });
    expect(page).toMatchObject({ status: 429, problem: expect.stringMatching(/^Too many attempts/) });
    expect(Number(page.headers['Retry-After'])).toBeGreaterThan(0);
  });

  it('is of the browser that gave the password alone', async () => {
    const { secret } = await withApp();
    later(60);
    const by = navigator();
    const step = await signInAt(by);
    const thief = navigator();
    const interaction = step.url.searchParams.get('interaction') ?? '';
    expect(await thief.open('/second-factor', { interaction })).toMatchObject({ status: 400 });
    expect(await thief.send(step, { code: codeOf(secret) })).toMatchObject({ status: 403 });
    expect((await by.send(step, { code: codeOf(secret) })).heading).toBe('Two-step sign-in');
  });

  it('is not there before the password', async () => {
    const by = navigator();
    const page = await by.open(path());
    const interaction = page.url.searchParams.get('interaction') ?? '';
    for (const way of ['/second-factor', '/enrol-second-factor'])
      expect(await by.open(way, { interaction })).toMatchObject({ status: 400, heading: 'This page is over' });
  });
});
