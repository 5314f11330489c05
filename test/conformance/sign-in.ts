import { randomUUID } from 'node:crypto';
import * as client from 'openid-client';
import { Browser, type Page } from '../../local/browser.ts';
import { call, createIntegration, freshName } from './client.ts';
import type { DemonstratedOutputs, Outputs } from './running-deployment.ts';

export { Browser, type Page };

/** Where nobody listens: an app that runs on a user's own machine is redirected to a loopback address. */
export const redirectUri = 'http://127.0.0.1:47115/callback';
export const signedOutUri = 'http://127.0.0.1:47115/signed-out';

type User = DemonstratedOutputs['users'][keyof DemonstratedOutputs['users']];

/** An integration that acts for users, and openid-client configured with it. */
export async function createApp(
  outputs: Outputs,
  admin: string,
  rights: readonly string[],
  members: Record<string, unknown> = {},
) {
  const integration = await createIntegration(outputs, admin, rights, {
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [signedOutUri],
    ...members,
  });
  const secret: string | undefined = integration.client_secret;
  const configuration = await client.discovery(
    new URL(outputs.issuer),
    integration.client_id,
    undefined,
    secret === undefined ? client.None() : client.ClientSecretBasic(secret),
    { execute: [client.allowInsecureRequests] },
  );
  return { integration, configuration };
}

/** A new user, who has set their password by the link that they were given. */
export async function newUser(outputs: Outputs, admin: string, roles: readonly string[] = ['member']) {
  const username = `user-${randomUUID().slice(0, 8)}`;
  const password = randomUUID();
  const { body } = await call('POST', `${outputs.admin_url}/users`, {
    token: admin,
    body: { username, email: `${username}@example.com`, name: freshName('User'), roles },
  });
  await setPassword(body.password_link, password);
  return { id: body.id as string, username, password };
}

/** Sets a password by a link, as whoever was given it does; whose browser that leaves signed in. */
export async function setPassword(link: string, password: string): Promise<Browser> {
  const browser = new Browser();
  await browser.submit(await browser.open(link), { password, confirmation: password });
  return browser;
}

/** What openid-client asks for and checks, new for each authorization. */
export async function newChecks() {
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  return {
    parameters: {
      redirect_uri: redirectUri,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    },
    checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
  };
}

/**
 * Goes through the pages as a user without JavaScript would: signs in where it is asked to, decides where it is asked to.
 *
 * @returns the page that the browser was left at: a redirect away from the deployment, or a page that asks for something else
 */
export async function goThrough(
  browser: Browser,
  url: string | URL,
  user: User,
  decision: 'allow' | 'deny' = 'allow',
): Promise<Page> {
  let page = await browser.open(String(url));
  if (asks(page, 'password')) page = await browser.submit(page, { username: user.username, password: user.password });
  if (asks(page, 'decision')) page = await browser.submit(page, { decision });
  return page;
}

/** Whether the page has a field or button of that name. */
export function asks({ document }: Page, name: string): boolean {
  return document.querySelector(`form [name="${name}"]`) !== null;
}

/** Where a page sends the browser, or fails with what it shows instead. */
export function locationOf(page: Page): URL {
  const location = page.headers.get('location');
  if (location === null)
    throw new Error(`no redirect but ${page.status} at ${page.url}: ${page.document.structuredText}`);
  return new URL(location, page.url);
}

/** A whole authorization with the code flow: signs in, allows, redeems. */
export async function authorize(
  configuration: client.Configuration,
  user: User,
  scope: string,
  { browser = new Browser(), more = {} }: { browser?: Browser; more?: Record<string, string> } = {},
) {
  const { parameters, checks } = await newChecks();
  const url = client.buildAuthorizationUrl(configuration, { ...parameters, scope, ...more });
  const answer = locationOf(await goThrough(browser, url, user));
  return client.authorizationCodeGrant(configuration, answer, checks);
}
