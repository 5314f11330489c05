import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { integrationItem } from '../../src/adapters/dynamodb/integration.ts';
import { launchChromium } from '../chromium.ts';
import { deployAuthorizationServer } from '../functions/auth/authorization-server.ts';
import { startPageServer } from './page-server.ts';
import { type Furnishing, furnish, password } from './scene.ts';

/** Another site: `localhost` is none of `127.0.0.1`. What it was asked is kept. */
async function startClient() {
  const asked: { method: string; path: string; body: string }[] = [];
  const pages = new Map<string, { status?: number; location?: string; html?: string }>();
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? '/', 'http://localhost');
    asked.push({ method: request.method ?? '', path: url.pathname + url.search, body });
    const { status = 200, location, html = '<!doctype html><title>arrived</title>' } = pages.get(url.pathname) ?? {};
    response.writeHead(status, { 'content-type': 'text/html', ...(location !== undefined && { location }) }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    asked,
    /** What a path answers with, instead of a page that says that the browser arrived. */
    pages,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

/** What an app of this machine answers to (RFC 8252 §7.1); no browser here knows one. */
export const appUri = 'com.example.app:/callback';

/** Pages in a real browser: the deployment, a client of another site, and Chromium. */
export async function openBrowserScene(furnishing: Furnishing = {}) {
  const server = await deployAuthorizationServer();
  const pages = await startPageServer();
  const client = await startClient();
  const browser: Browser = await launchChromium();
  const redirectUri = `${client.origin}/callback`;
  const scene = await furnish(server.table, {
    ...furnishing,
    integration: { applicationType: 'native', redirectUris: [redirectUri, appUri], ...furnishing.integration },
  });
  await server.table.put(integrationItem(scene.client.integration));
  return {
    ...scene,
    table: server.table,
    issuer: pages.issuer,
    client: { ...scene.client, ...client, redirectUri },
    open: async (options: BrowserContextOptions = {}): Promise<Page> => (await browser.newContext(options)).newPage(),
    /** The URL of an authorization request. */
    request: (more: Readonly<Record<string, string>> = {}) =>
      `${pages.issuer}/oauth2/authorize?${new URLSearchParams({
        response_type: 'code',
        client_id: scene.client.integration.clientId,
        redirect_uri: redirectUri,
        scope: 'openid profile email offline_access issues:write boards:read users:read',
        state: 'a state',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
        prompt: 'consent',
        ...more,
      })}`,
    close: async () => {
      await browser.close();
      await client.close();
      await pages.close();
      await server.close();
    },
  };
}

export type BrowserScene = Awaited<ReturnType<typeof openBrowserScene>>;

/** Signs the scene's user in on the page that asks for it. */
export async function signInOn(page: Page, given = password): Promise<void> {
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill(given);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForLoadState();
}
