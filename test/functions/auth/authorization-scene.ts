import { handler as account } from '../../../functions/auth/account.ts';
import { handler as accountSecondFactor } from '../../../functions/auth/account-second-factor.ts';
import { handler as accounts } from '../../../functions/auth/accounts.ts';
import { handler as authorize } from '../../../functions/auth/authorize.ts';
import { handler as consent } from '../../../functions/auth/consent.ts';
import { handler as enrolSecondFactor } from '../../../functions/auth/enrol-second-factor.ts';
import { handler as linkedAccounts } from '../../../functions/auth/linked-accounts.ts';
import { handler as changePassword } from '../../../functions/auth/password.ts';
import { handler as secondFactor } from '../../../functions/auth/second-factor.ts';
import { handler as signIn } from '../../../functions/auth/sign-in.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { environment } from '../../../src/environment.ts';
import { type Furnishing, furnish, password } from '../../pages/scene.ts';
import { issuer } from '../../src/oauth/authorization-server.ts';
import { deployAuthorizationServer } from './authorization-server.ts';
import { type PageClient, pageClient, type Shown } from './page-client.ts';

const handlers = {
  '/oauth2/authorize': authorize,
  '/sign-in': signIn,
  '/accounts': accounts,
  '/consent': consent,
  '/second-factor': secondFactor,
  '/enrol-second-factor': enrolSecondFactor,
  '/enrol-second-factor/authenticator': enrolSecondFactor,
  '/t/{tenant}/second-factor': accountSecondFactor,
  '/t/{tenant}/password': changePassword,
  '/t/{tenant}/account': account,
  '/t/{tenant}/account/sessions': account,
  '/t/{tenant}/account/consents': account,
  '/t/{tenant}/account/sign-out': account,
  '/t/{tenant}/account/signed-out': account,
  '/t/{tenant}/account/linked': linkedAccounts,
};

/** A page, and where it was found. */
export interface Opened extends Shown {
  readonly url: URL;
}

/** A browser that follows redirects within the issuer. */
export interface Navigator {
  readonly cookies: PageClient['cookies'];
  open(path: string, query?: Readonly<Record<string, string>>): Promise<Opened>;
  /** Sends the form that the page has for `path` (default: its own), with these fields. */
  send(page: Opened, fields: Readonly<Record<string, string>>, path?: string): Promise<Opened>;
}

export function navigator(address?: string): Navigator {
  const client = pageClient(handlers, address);
  const routeOf = (path: string): { resource: string; parameters: Record<string, string> } => {
    const [, tenant] = /^\/t\/([^/]+)/.exec(path) ?? [];
    if (tenant === undefined) return { resource: path, parameters: {} };
    return { resource: path.replace(`/t/${tenant}`, '/t/{tenant}'), parameters: { tenant } };
  };
  const follow = async (shown: Shown, path: string): Promise<Opened> => {
    const url = new URL(shown.location ?? issuer + path);
    if (shown.location === undefined || !shown.location.startsWith(`${issuer}/`)) return { ...shown, url };
    return open(url.pathname.replace(/^\/auth/, ''), Object.fromEntries(url.searchParams));
  };
  const open: Navigator['open'] = async (path, query) => {
    const { resource, parameters } = routeOf(path);
    return follow(await client.get(`GET ${resource}`, parameters, query), `${path}?${new URLSearchParams(query)}`);
  };
  return {
    cookies: client.cookies,
    open,
    send: async (page, fields, path = page.url.pathname.replace(/^\/auth/, '')) => {
      const { resource, parameters } = routeOf(path);
      const hidden = page.hidden(`/auth${path}`);
      return follow(await client.post(`POST ${resource}`, parameters, { ...hidden, ...fields }), path);
    },
  };
}

/** A deployment with a tenant, one of its users and an application that signs users in. */
export async function deployScene(furnishing: Furnishing = {}) {
  Object.assign(process.env, {
    [environment.refreshTokenLifetimeSeconds]: '2592000',
    [environment.refreshTokenIdleSeconds]: '604800',
    [environment.sessionLifetimeSeconds]: '43200',
  });
  const server = await deployAuthorizationServer();
  const furnished = async (given: Furnishing) => {
    const found = await furnish(server.table, given);
    await server.table.put(integrationItem(found.client.integration));
    return found;
  };
  const scene = await furnished(furnishing);
  return {
    ...scene,
    table: server.table,
    calls: server.calls,
    close: server.close,
    /** Another tenant of the same deployment. */
    furnishAnother: furnished,
    /** An authorization request of the application. */
    request: (more: Readonly<Record<string, string>> = {}, of = scene.client.integration): Record<string, string> => ({
      response_type: 'code',
      client_id: of.clientId,
      redirect_uri: of.redirectUris[0] ?? '',
      scope: 'openid issues:read',
      state: 'a state',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      ...more,
    }),
  };
}

export type Scene = Awaited<ReturnType<typeof deployScene>>;

/** Signs the scene's user in on the page that asks for it. */
export const signInOn = (by: Navigator, page: Opened, fields: Readonly<Record<string, string>> = {}) =>
  by.send(page, { username: 'ada', password, ...fields });

/** A browser in which the user signed in, and agreed where that was asked. */
export async function signedInBrowser(request: Readonly<Record<string, string>>): Promise<Navigator> {
  const by = navigator();
  const page = await signInOn(by, await by.open('/oauth2/authorize', request));
  if (page.status === 200) await by.send(page, { decision: 'allow' });
  return by;
}
