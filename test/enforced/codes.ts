import { createHash, randomBytes } from 'node:crypto';
import { deviceCodeGrant } from '../../src/entities/grant-type.ts';
import type { Credentials } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { type Browser, locationOf } from '../conformance/sign-in.ts';
import { authorizationParameters, authorizationUrl, newApp, newDeviceClient } from './pages.ts';
import { form, type Request, succeed } from './request.ts';

/** A client, and the request with which it redeems what a user allowed. */
export interface Redeemable {
  readonly client: Credentials;
  readonly redemption: Request;
}

/** A code that whoever is signed in with the browser has just allowed an app. */
export async function newCode(
  outputs: Outputs,
  admin: string,
  browser: Browser,
  app?: Credentials,
): Promise<Redeemable> {
  const client = app ?? (await newApp(outputs, admin));
  const code_verifier = randomBytes(32).toString('base64url');
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
  const page = await browser.open(authorizationUrl(outputs, client, { code_challenge, scope }));
  const answer = page.status === 200 ? await browser.submit(page, { decision: 'allow' }) : page;
  const code = locationOf(answer).searchParams.get('code') ?? '';
  const { redirect_uri } = authorizationParameters;
  return {
    client,
    redemption: { body: form(client, { grant_type: 'authorization_code', code, redirect_uri, code_verifier }) },
  };
}

const scope = 'openid issues:read offline_access';

/** A client with a refresh token, and the request that uses it. */
export async function newRefreshToken(
  outputs: Outputs,
  admin: string,
  browser: Browser,
  app?: Credentials,
): Promise<Redeemable> {
  const { client, redemption } = await newCode(outputs, admin, browser, app);
  const { body } = await succeed(outputs, 'token', redemption);
  return { client, redemption: refreshing(client, body.refresh_token) };
}

export const refreshing = (client: Credentials, refresh_token: string): Request => ({
  body: form(client, { grant_type: 'refresh_token', refresh_token }),
});

/** A device code that whoever is signed in with the browser has just allowed. */
export async function newDeviceCode(
  outputs: Outputs,
  admin: string,
  browser: Browser,
  device?: Awaited<ReturnType<typeof newDeviceClient>>,
): Promise<Redeemable> {
  const { client, begin } = device ?? (await newDeviceClient(outputs, admin));
  const { device_code, user_code } = await begin();
  const asked = await browser.submit(await browser.open(`${outputs.issuer}/device`), { user_code });
  await browser.submit(asked, { decision: 'allow' });
  return { client, redemption: { body: form(client, { grant_type: deviceCodeGrant, device_code }) } };
}
