import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as oidc from 'openid-client';
import { errorPage, signedInPage, signedOutPage } from './pages.ts';
import { readOutputs, registration, rights } from './registration.ts';

/**
 * `npm run sample-app`: a web app that signs users in at the deployment of `npm start`, written as one would write it
 * against any OpenID Connect provider. It keeps what it knows in memory.
 */

const folder = process.env.LATCHKEY_DATA ?? '.local';
const port = Number(process.env.SAMPLE_APP_PORT ?? 8788);
const origin = `http://127.0.0.1:${port}`;

/** What one browser is in the middle of, or signed in with. */
interface Visit {
  pending?: { readonly verifier: string; readonly state: string; readonly nonce: string };
  tokens?: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;
  claims?: oidc.IDToken | undefined;
}

const visits = new Map<string, Visit>();

/** Ends with one line, for whoever started the app. */
function fail(error: Error): never {
  console.error(`The sample app cannot start: ${error.message}. Is npm start running, in another terminal?`);
  process.exit(1);
}

const outputs = await readOutputs(folder).catch(fail);
const app = await registration(outputs, folder, origin).catch(fail);
const config = await oidc
  .discovery(new URL(outputs.issuer), app.client_id, app.client_secret, undefined, {
    // The deployment of this machine speaks http; every other one https.
    execute: [oidc.allowInsecureRequests],
  })
  .catch(fail);

type Handler = (visit: Visit, request: IncomingMessage) => Promise<{ redirect: string } | { page: unknown }>;

const routes: Readonly<Record<string, Handler>> = {
  'GET /': async ({ tokens, claims }) => {
    if (tokens === undefined) return { page: signedOutPage() };
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '');
    const address = new URL(`${outputs.api_url}/projects/${outputs.project}/issues`);
    const answer = await oidc.fetchProtectedResource(config, tokens.access_token, address, 'GET');
    const issues = { status: answer.status, body: await answer.json() };
    return { page: signedInPage({ name: userinfo.name ?? userinfo.sub, claims, scope: tokens.scope ?? '' }, issues) };
  },

  'GET /sign-in': async (visit) => {
    const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
    visit.pending = { verifier, state, nonce };
    const address = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${origin}/callback`,
      scope: ['openid', 'profile', 'email', 'offline_access', ...rights].join(' '),
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { redirect: address.href };
  },

  'GET /callback': async (visit, { url }) => {
    const { pending } = visit;
    if (pending === undefined) return { redirect: '/' };
    delete visit.pending;
    visit.tokens = await oidc.authorizationCodeGrant(config, new URL(url ?? '', origin), {
      pkceCodeVerifier: pending.verifier,
      expectedState: pending.state,
      expectedNonce: pending.nonce,
    });
    visit.claims = visit.tokens.claims();
    return { redirect: '/' };
  },

  'POST /refresh': async (visit) => {
    const refreshToken = visit.tokens?.refresh_token;
    if (refreshToken !== undefined) visit.tokens = await oidc.refreshTokenGrant(config, refreshToken);
    return { redirect: '/' };
  },

  'POST /sign-out': async (visit) => {
    const hint = visit.tokens?.id_token;
    delete visit.tokens;
    delete visit.claims;
    const address = oidc.buildEndSessionUrl(config, {
      post_logout_redirect_uri: `${origin}/`,
      ...(hint !== undefined && { id_token_hint: hint }),
    });
    return { redirect: address.href };
  },
};

/** The browser's visit, found by its cookie; a browser without one begins a new one. */
function visitOf(request: IncomingMessage, response: ServerResponse): Visit {
  const id = /(?:^|; )visit=([0-9a-f-]{36})/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  const found = visits.get(id);
  if (found !== undefined) return found;
  const made: Visit = {};
  const fresh = randomUUID();
  visits.set(fresh, made);
  response.setHeader('Set-Cookie', `visit=${fresh}; HttpOnly; SameSite=Lax; Path=/`);
  return made;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const handler = routes[`${request.method} ${new URL(request.url ?? '', origin).pathname}`];
  if (handler === undefined) {
    response.writeHead(404).end('Not found');
    return;
  }
  try {
    const answered = await handler(visitOf(request, response), request);
    if ('redirect' in answered) response.writeHead(303, { Location: answered.redirect }).end();
    else response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(String(await answered.page));
  } catch (error) {
    const page = errorPage(error instanceof Error ? error.message : 'Something went wrong.');
    response.writeHead(502, { 'Content-Type': 'text/html; charset=utf-8' }).end(String(await page));
  }
}

createServer((request, response) => void answer(request, response))
  .on('error', (error) => {
    console.error(`${origin} cannot be served (${error.message}); SAMPLE_APP_PORT sets another port`);
    process.exit(1);
  })
  .listen(port, '127.0.0.1', () => {
    console.log(`The sample app is at ${origin}`);
  });
