import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasChromium } from '../chromium.ts';
import { type BrowserScene, openBrowserScene, signInOn } from './browser-scene.ts';

vi.mock('../../src/authentication/password-hash.ts', async (original) =>
  (await import('../cheap-password-hash.ts')).withCheapHashes(original),
);

describe.skipIf(!hasChromium())('in Chromium', () => {
  let scene: BrowserScene;
  beforeAll(async () => {
    scene = await openBrowserScene();
  });
  afterAll(() => scene.close());

  const allow = 'Allow';

  it('the cookies of a loopback issuer are taken, with the prefix that binds them to their host', async () => {
    const page = await scene.open();
    await page.goto(scene.request());
    await signInOn(page);
    const cookies = await page.context().cookies(scene.issuer);
    expect(cookies.map(({ name }) => name).sort()).toEqual([
      '__Host-browser',
      `__Host-session-${scene.tenant.tenant.slice(4)}`,
    ]);
    for (const cookie of cookies)
      expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/', domain: '127.0.0.1' });
    await page.context().close();
  });

  it.each([true, false])(
    'a client is answered with scripts and without (%s), and may redirect its browser on',
    async (javaScriptEnabled) => {
      scene.client.pages.set('/callback', { status: 303, location: 'http://[::1]:9/elsewhere' });
      const page = await scene.open({ javaScriptEnabled });
      // Nobody is there: that the browser wanted to go there is what counts.
      const onward = page.waitForRequest('http://[::1]:9/elsewhere');
      await page.goto(scene.request());
      await signInOn(page);
      await page.getByRole('button', { name: allow }).click();
      await onward;
      expect(scene.client.asked.at(-1)?.path).toMatch(/^\/callback\?code=\w{43}&state=a\+state&iss=/);
      scene.client.pages.clear();
      await page.context().close();
    },
  );

  it.each([true, false])(
    'an answer in a form reaches the client, with scripts and without (%s)',
    async (javaScriptEnabled) => {
      const page = await scene.open({ javaScriptEnabled });
      await page.goto(scene.request({ response_mode: 'form_post' }));
      await signInOn(page);
      await page.getByRole('button', { name: allow }).click();
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(scene.client.redirectUri);
      const posted = scene.client.asked.findLast(({ method }) => method === 'POST');
      expect(Object.fromEntries(new URLSearchParams(posted?.body))).toEqual({
        code: expect.stringMatching(/^\w{43}$/),
        state: 'a state',
        iss: scene.issuer,
      });
      await page.context().close();
    },
  );

  it('a request that another site posts finds who is signed in', async () => {
    const page = await scene.open();
    await page.goto(scene.request());
    await signInOn(page);
    const fields = [...new URL(scene.request({ prompt: 'select_account' })).searchParams].map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
    );
    const html = `<!doctype html><form method="post" action="${scene.issuer}/oauth2/authorize">${fields.join('')}<button>Go</button></form>`;
    scene.client.pages.set('/start', { html });
    const before = await page.context().cookies(scene.issuer);
    await page.goto(`${scene.client.origin}/start`);
    await page.getByRole('button', { name: 'Go' }).click();
    await page.getByRole('button', { name: 'Continue as Ada Lovelace' }).waitFor();
    expect(await page.context().cookies(scene.issuer)).toEqual(before);
    await page.context().close();
  });

  it('a form of another site signs nobody in and nobody out', async () => {
    const page = await scene.open();
    await page.goto(scene.request());
    await signInOn(page);
    const account = `${scene.issuer}/t/${scene.tenant.tenant}/account`;
    const html = `<!doctype html><form method="post" action="${account}/sign-out"><button>Go</button></form>`;
    scene.client.pages.set('/attack', { html });
    await page.goto(`${scene.client.origin}/attack`);
    await page.getByRole('button', { name: 'Go' }).click();
    await page.getByRole('heading', { name: 'This form cannot be accepted' }).waitFor();
    await page.goto(account);
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await page.context().close();
  });

  it('no page is shown in a frame', async () => {
    const page = await scene.open();
    scene.client.pages.set('/frame', { html: `<!doctype html><iframe src="${scene.request()}"></iframe>` });
    const refusals: string[] = [];
    page.on('console', (message) => refusals.push(message.text()));
    await page.goto(`${scene.client.origin}/frame`);
    await expect.poll(() => refusals.join()).toContain('frame-ancestors');
    const [, frame] = page.frames();
    expect(await frame?.getByRole('heading', { name: 'Sign in' }).count()).toBe(0);
    await page.context().close();
  });

  it('nothing that a page is given runs', async () => {
    const page = await scene.open();
    let ran = false;
    page.on('dialog', (dialog) => {
      ran = true;
      dialog.dismiss().catch(() => undefined);
    });
    await page.goto(scene.request({ login_hint: '"><img src=x onerror=alert(1)><script>alert(1)</script>' }));
    expect(await page.getByLabel('Username').inputValue()).toContain('<script>');
    await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')");
    expect(ran).toBe(false);
    await page.context().close();
  });

  it('a page loads its stylesheet and breaks no policy of its own', async () => {
    const page = await scene.open();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    const loaded: string[] = [];
    page.on('response', (response) => loaded.push(`${response.status()} ${new URL(response.url()).pathname}`));
    await page.goto(scene.request());
    expect(complaints).toEqual([]);
    expect(loaded.at(-1)).toMatch(/^200 \/auth\/assets\/page-\w{16}\.css$/);
    await page.context().close();
  });
});
