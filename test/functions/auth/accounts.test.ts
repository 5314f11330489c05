import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deployScene, navigator, type Scene, signedInBrowser, signInOn } from './authorization-scene.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) =>
  (await import('../../cheap-password-hash.ts')).withCheapHashes(original),
);

let scene: Scene;
beforeAll(async () => {
  scene = await deployScene();
});
afterAll(() => scene.close());

const choosing = () => scene.request({ prompt: 'select_account' });

async function asked() {
  const by = await signedInBrowser(scene.request());
  return { by, page: await by.open('/oauth2/authorize', choosing()) };
}

describe('the account chooser', () => {
  it('goes on with the account that is signed in', async () => {
    const { by, page } = await asked();
    expect(page).toMatchObject({ status: 200, heading: 'Choose an account' });
    expect(page.html).toContain('Continue as Ada Lovelace');
    expect((await by.send(page, { account: 'current' })).url.searchParams.has('code')).toBe(true);
  });

  it('has somebody else sign in, as whom it then goes on', async () => {
    const { by, page } = await asked();
    const { user } = await scene.addUser({
      username: 'charles',
      email: 'charles@example.com',
      name: 'Charles Babbage',
    });
    const signIn = await by.send(page, { account: 'other' });
    expect(signIn.heading).toBe('Sign in');
    const consent = await signInOn(by, signIn, { username: 'charles' });
    expect(consent.html).toContain('Charles Babbage');
    const cookie = by.cookies.get(`__Host-session-${scene.tenant.tenant.slice(4)}`);
    expect(cookie?.split('.')[0]).toBe(user.id);
  });

  it('has nothing to choose from where nobody is signed in', async () => {
    const by = navigator();
    const signIn = await by.open('/oauth2/authorize', choosing());
    const interaction = signIn.url.searchParams.get('interaction') ?? '';
    expect((await by.open('/accounts', { interaction })).heading).toBe('Sign in');
  });
});
