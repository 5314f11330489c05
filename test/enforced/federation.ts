import { call } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { asks, Browser, createApp, locationOf, newChecks, type Page } from '../conformance/sign-in.ts';
import { startUpstreamProvider, type UpstreamProvider } from '../upstream-provider.ts';
import { closing } from './enforced-run.ts';
import type { Prepared, Request } from './request.ts';

/** A page's form, ready to be posted by the browser that was given it. */
type Posted = Required<Pick<Request, 'body' | 'headers' | 'path'>>;

/** Everything that one request of each operation of federation needs to be there. */
export interface Federation {
  readonly upstream: UpstreamProvider;
  readonly provider: string;
  readonly user: string;
  /** A link of the user's. */
  readonly link: string;
  readonly tenant: string;
  /** Signed in, with a link that can be removed. */
  readonly browser: Browser;
  readonly start: Posted;
  /** The provider's answer to a browser that went there, a new one each time. */
  readonly callback: () => Promise<Request>;
  readonly linkAccount: Posted;
  readonly unlinkAccount: Posted;
  readonly spare: { readonly provider: string; readonly link: string };
}

let people = 0;

/** Somebody whom the provider vouches for, and whom nobody here knows. */
function somebody() {
  const username = `federated${Date.now()}n${++people}`;
  return { sub: username, preferred_username: username, email: `${username}@example.com`, email_verified: true };
}

async function created(url: string, token: string, body: object): Promise<{ readonly id: string }> {
  const reply = await call('POST', url, { token, body });
  if (reply.status !== 201) throw new Error(`not created: ${reply.status} ${reply.text}`);
  return reply.body;
}

async function register({ admin_url }: Outputs, admin: string, upstream: UpstreamProvider): Promise<string> {
  const { id } = await created(`${admin_url}/identity-providers`, admin, registration(upstream));
  return id;
}

const registration = ({ issuer, client }: UpstreamProvider) => ({
  name: `Provider ${++people}`,
  issuer,
  client_id: client.id,
  client_secret: client.secret,
  create_users: true,
  allowed_email_domains: ['example.com'],
});

const cookies = (browser: Browser) => ({ cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; ') });

/** The form of a page that has a field of this name and value, or goes to this path. */
function formOf(browser: Browser, page: Page, holds: string, path: Posted['path']): Posted {
  const form = page.document.querySelectorAll('form').find((each) => each.outerHTML.includes(holds));
  if (form === undefined) throw new Error(`no form holds ${holds}: ${page.document.structuredText}`);
  const fields = form
    .querySelectorAll('input')
    .map((field): [string, string] => [field.getAttribute('name') ?? '', field.getAttribute('value') ?? '']);
  return { path, body: new URLSearchParams(fields), headers: cookies(browser) };
}

const accountOf = ({ issuer }: Outputs, tenant: string, rest = '') => `${issuer}/t/${tenant}/account${rest}`;

/** Presses the provider's button at a sign-in page; where the browser is sent. */
async function leave(outputs: Outputs, browser: Browser, page: Page, provider: string): Promise<string> {
  const { body, headers } = formOf(browser, page, `/upstream/${provider}/start`, {});
  const answer = await call('POST', `${outputs.issuer}/upstream/${provider}/start`, { body, headers });
  return answer.headers.get('location') ?? '';
}

/** Goes to the provider from a page that asks to sign in, and comes back. */
async function arrive(outputs: Outputs, upstream: UpstreamProvider, provider: string, browser: Browser, page: Page) {
  upstream.redirectUri = `${outputs.issuer}/upstream/${provider}/callback`;
  return browser.open((await upstream.signIn(await leave(outputs, browser, page, provider))).href);
}

/** Makes them with the bootstrap administrator's token. */
export async function prepareFederation(outputs: Outputs, admin: string): Promise<Federation> {
  const { tenant, admin_url, issuer } = outputs;
  const upstream = closing(await startUpstreamProvider());
  upstream.account = somebody();
  const [provider, other, spare] = [
    await register(outputs, admin, upstream),
    await register(outputs, admin, upstream),
    await register(outputs, admin, upstream),
  ];
  const browser = new Browser();
  await arrive(outputs, upstream, provider, browser, await browser.open(accountOf(outputs, tenant)));
  const username = upstream.account.sub;
  const users = await call('GET', `${admin_url}/users?limit=100`, { token: admin });
  const user = users.body.items.find((each: { username: string }) => each.username === username).id;
  const link = async (identity_provider: string) =>
    (
      await created(`${admin_url}/users/${user}/federated-identities`, admin, {
        identity_provider,
        subject: `s${++people}`,
      })
    ).id;
  const [kept, toRemove, toUnlink] = [await link(provider), await link(provider), await link(provider)];
  await link(spare);

  const starting = new Browser();
  const start = formOf(starting, await starting.open(accountOf(outputs, tenant)), `/upstream/${provider}/start`, {
    identity_provider: provider,
  });
  const coming = new Browser();
  const left = await leave(outputs, coming, await coming.open(accountOf(outputs, tenant)), provider);
  const back = async () => {
    upstream.redirectUri = `${issuer}/upstream/${provider}/callback`;
    upstream.account = somebody();
    return (await upstream.signIn(left)).search.slice(1);
  };
  const linked = await browser.open(accountOf(outputs, tenant, '/linked'));
  return {
    upstream,
    provider,
    user,
    link: kept,
    tenant,
    browser,
    start,
    callback: async () => ({ path: { identity_provider: provider }, query: await back(), headers: cookies(coming) }),
    linkAccount: formOf(browser, linked, other, { tenant }),
    unlinkAccount: formOf(browser, linked, toUnlink, { tenant }),
    spare: { provider: spare, link: toRemove },
  };
}

/** One request of every operation of federation, each of which succeeds once, in any order. */
export function federationRequests(federation: Federation, token: string) {
  const { upstream, provider: identity_provider, user: user_id, link: id, tenant, browser, spare } = federation;
  return {
    createIdentityProvider: { token, body: registration(upstream) },
    listIdentityProviders: { token, query: 'limit=1' },
    getIdentityProvider: { token, path: { identity_provider } },
    changeIdentityProvider: {
      token,
      path: { identity_provider },
      body: { name: `Provider ${++people}`, client_secret: upstream.client.secret },
    },
    deleteIdentityProvider: { token, path: { identity_provider: spare.provider } },
    linkFederatedIdentity: { token, path: { user_id }, body: { identity_provider, subject: `s${++people}` } },
    listFederatedIdentities: { token, path: { user_id }, query: 'limit=1' },
    getFederatedIdentity: { token, path: { user_id, id } },
    unlinkFederatedIdentity: { token, path: { user_id, id: spare.link } },
    startUpstream: federation.start,
    upstreamCallback: federation.callback,
    linkedAccounts: { path: { tenant }, headers: cookies(browser) },
    linkAccount: federation.linkAccount,
    unlinkAccount: federation.unlinkAccount,
  } satisfies Record<string, Prepared>;
}

/** What is left of what these functions can come to do. */
export async function federationTour(outputs: Outputs, admin: string, federation: Federation): Promise<void> {
  const { upstream, provider, tenant, browser } = federation;
  const account = accountOf(outputs, tenant);
  // A session in which a client was given something ends where somebody else signs in with the browser.
  const { configuration } = await createApp(outputs, admin, ['issues:read'], {
    backchannel_logout_uri: 'https://app.example/logout',
  });
  const asking = async (prompt: string) => {
    const { parameters } = await newChecks();
    const url = new URL(configuration.serverMetadata().authorization_endpoint ?? '');
    const asked = { ...parameters, response_type: 'code', client_id: configuration.clientMetadata().client_id };
    url.search = new URLSearchParams({ ...asked, scope: 'openid issues:read', prompt }).toString();
    return browser.open(url.href);
  };
  const page = await asking('consent');
  locationOf(asks(page, 'decision') ? await browser.submit(page, { decision: 'allow' }) : page);
  upstream.account = somebody();
  await arrive(outputs, upstream, provider, browser, await asking('login'));

  // Whose link is left where the user is gone becomes somebody anew, or whom an administrator says.
  const stale = somebody();
  upstream.account = stale;
  const deleted = async () => {
    const users = await call('GET', `${outputs.admin_url}/users?limit=100`, { token: admin });
    const found = users.body.items.find((each: { username: string }) => each.username.startsWith(stale.sub));
    await call('DELETE', `${outputs.admin_url}/users/${found.id}`, { token: admin });
  };
  for (let time = 0; time < 2; time++) {
    const another = new Browser();
    await arrive(outputs, upstream, provider, another, await another.open(account));
    if (time === 0) await deleted();
  }

  // Somebody who is signed in links another account.
  upstream.account = somebody();
  const other = await register(outputs, admin, upstream);
  const linked = await browser.open(accountOf(outputs, tenant, '/linked'));
  const { body, headers } = formOf(browser, linked, other, {});
  const sent = await call('POST', accountOf(outputs, tenant, '/linked'), { body, headers });
  upstream.redirectUri = `${outputs.issuer}/upstream/${other}/callback`;
  await browser.open((await upstream.signIn(sent.headers.get('location') ?? '')).href);

  // What administrators hold depends on the tenant.
  const { sub: username, email } = somebody();
  const administrator = { username, email, name: 'Some One', roles: ['administrator'] };
  const { id } = await created(`${outputs.admin_url}/users`, admin, administrator);
  const link = { identity_provider: provider, subject: username };
  await created(`${outputs.admin_url}/users/${id}/federated-identities`, admin, link);

  // Somebody whom nobody knows is refused, and the log is told.
  await call('PATCH', `${outputs.admin_url}/identity-providers/${provider}`, {
    token: admin,
    body: { create_users: false },
  });
  upstream.account = somebody();
  const stranger = new Browser();
  await arrive(outputs, upstream, provider, stranger, await stranger.open(account));
}
