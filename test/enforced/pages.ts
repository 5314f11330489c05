import { deviceCodeGrant } from '../../src/entities/grant-type.ts';
import { type Credentials, createIntegration } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { Browser, type Page } from '../conformance/sign-in.ts';
import { asks, asksAgain, ownPage, type Person, signedIn, submits } from './people.ts';
import { form, type Request, succeed } from './request.ts';

const redirectUri = 'https://app.example/callback';

/** An authorization request of an app; nobody redeems the code. */
export const authorizationParameters = {
  response_type: 'code',
  redirect_uri: redirectUri,
  scope: 'openid issues:read',
  code_challenge: 'c'.repeat(43),
  code_challenge_method: 'S256',
};

/** An app that sends its users' browsers here. */
export const newApp = (outputs: Outputs, admin: string, members: Record<string, unknown> = {}): Promise<Credentials> =>
  createIntegration(outputs, admin, ['issues:read', 'users:read'], {
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [redirectUri],
    ...members,
  });

/** The address to which an app sends a browser. */
export function authorizationUrl({ issuer }: Outputs, { client_id }: Credentials, more: Record<string, string> = {}) {
  return `${issuer}/oauth2/authorize?${new URLSearchParams({ ...authorizationParameters, client_id, ...more })}`;
}

/** A client of devices, and how it begins. */
export async function newDeviceClient(outputs: Outputs, admin: string, rights: readonly string[] = ['issues:read']) {
  const client = await createIntegration(outputs, admin, rights, {
    grant_types: [deviceCodeGrant, 'refresh_token'],
  });
  const begin = async (): Promise<{ readonly device_code: string; readonly user_code: string }> =>
    (await succeed(outputs, 'deviceAuthorization', { body: form(client, { scope: rights.join(' ') }) })).body;
  return { client, begin };
}

/** One request of every page where users are asked something and of their accounts, each of which succeeds once. */
export async function pageRequests(outputs: Outputs, admin: string, person: Person) {
  const { issuer, tenant } = outputs;
  const path = { tenant };
  const app = await newApp(outputs, admin);
  const { client_id } = app;
  const { client: device, begin } = await newDeviceClient(outputs, admin);
  const asked = new URLSearchParams({ ...authorizationParameters, client_id });

  const stranger = new Browser();
  const signIn = await stranger.open(authorizationUrl(outputs, app));
  const browser = await signedIn(outputs, person);
  const choice = await browser.open(authorizationUrl(outputs, app, { prompt: 'select_account' }));
  const consent = await browser.open(authorizationUrl(outputs, app));
  const devicePage = await stranger.open(`${issuer}/device`);
  const typed = { user_code: (await begin()).user_code };

  const known = await newApp(outputs, admin);
  await browser.submit(await browser.open(authorizationUrl(outputs, known)), { decision: 'allow' });
  const [leaving, ended, asksWhether] = [
    await signedIn(outputs, person),
    await signedIn(outputs, person),
    await signedIn(outputs, person),
  ];
  const account = await browser.open(ownPage(outputs, 'account'));
  const signOut = await leaving.open(ownPage(outputs, 'account'));
  const whether = await asksWhether.open(`${issuer}/oauth2/logout?client_id=${client_id}`);

  return {
    authorize: { query: String(asked) },
    authorizePost: { body: asked },
    deviceAuthorization: { body: form(device, { scope: 'issues:read' }) },
    pushAuthorizationRequest: { body: form(app, authorizationParameters) },
    signInPage: asksAgain(stranger, signIn),
    signIn: submits(stranger, signIn, { username: person.username, password: person.password }),
    accounts: asksAgain(browser, choice),
    chooseAccount: submits(browser, choice, { account: 'current' }),
    consentPage: asksAgain(browser, consent),
    consent: submits(browser, consent, { decision: 'allow' }),
    devicePage: asks(stranger),
    device: submits(stranger, devicePage, typed),
    account: asks(browser, { path }),
    endOwnSessionPage: submits(browser, account, { session: sessionOf(ended) }, path),
    withdrawOwnConsentPage: submits(browser, account, { client_id: known.client_id }, path),
    signOut: { ...submits(leaving, formTo(signOut, 'sign-out'), {}, path) },
    signedOut: asks(stranger, { path }),
    logout: { query: `client_id=${client_id}` },
    logoutPost: { body: new URLSearchParams({ client_id }) },
    confirmLogout: submits(asksWhether, whether, {}),
  } satisfies Record<string, Request>;
}

/** The session that a browser's cookie names. */
export function sessionOf({ cookies }: Browser): string {
  const [, value = ''] = [...cookies].find(([name]) => name.startsWith('__Host-session-')) ?? [];
  return value.split('.')[1] ?? '';
}

/** A page with no form but the one that goes to an address that ends like this. */
export function formTo(page: Page, end: string): Page {
  for (const form of page.document.querySelectorAll('form'))
    if (!form.getAttribute('action')?.endsWith(end)) form.remove();
  return page;
}
