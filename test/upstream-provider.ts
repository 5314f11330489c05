import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** Somebody at the provider: the claims that it vouches for, `sub` among them. */
export type UpstreamAccount = Readonly<Record<string, unknown>> & { readonly sub: string };

/** A real OpenID provider on this machine, at which whoever comes is signed in as the account of the moment. */
export interface UpstreamProvider {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Who comes next; undefined: nobody signs in there. */
  account: UpstreamAccount | undefined;
  /** The one redirect URI that our client has there. */
  redirectUri: string;
  /** Paths that were asked for since it was last asked. */
  requests(): string[];
  /** Answers a request in place of the provider, where it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Goes as a browser from an authorization request to the redirect URI, and answers that URL with its parameters. */
  signIn(authorizationUrl: string): Promise<URL>;
  close(): Promise<void>;
}

export async function startUpstreamProvider(
  configuration: Readonly<Record<string, unknown>> = {},
): Promise<UpstreamProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = { id: 'latchkey', secret: randomBytes(24).toString('base64url') };
  const seen: string[] = [];
  const upstream: UpstreamProvider = {
    issuer,
    client,
    account: undefined,
    redirectUri: 'https://unused.example/callback',
    requests: () => seen.splice(0),
    intercept: () => false,
    signIn: (url) => browse(url, upstream.redirectUri),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [upstream.redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    claims: { email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ ...upstream.account, sub }) }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    ttl: { AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600, AccessToken: 600 },
    ...configuration,
  });
  // The redirect URI is known only once the provider is registered.
  provider.Client.prototype.redirectUriAllowed = (uri) => uri === upstream.redirectUri;
  const answer = provider.callback();
  const interact = async (request: IncomingMessage, response: ServerResponse) => {
    const { params } = await provider.interactionDetails(request, response);
    const { account } = upstream;
    if (account === undefined)
      return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'no' });
    const grant = new provider.Grant({ accountId: account.sub, clientId: params.client_id });
    grant.addOIDCScope('openid profile email');
    const consent = { grantId: await grant.save() };
    return provider.interactionFinished(request, response, { login: { accountId: account.sub }, consent });
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    seen.push(new URL(request.url ?? '', issuer).pathname);
    if (upstream.intercept(request, response)) return;
    if (request.url?.startsWith('/interaction/')) void interact(request, response);
    else answer(request, response);
  });
  return upstream;
}

/** Follows redirects with cookies, as a browser does, up to the redirect URI. */
async function browse(from: string, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(from);
  for (let hop = 0; hop < 10; hop++) {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const response = await fetch(url, { headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`the provider answers ${response.status}: ${await response.text()}`);
    url = new URL(location, url);
    if (url.href.startsWith(redirectUri)) return url;
  }
  throw new Error('the provider goes round in circles');
}
