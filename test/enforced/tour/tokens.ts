import * as client from 'openid-client';
import { createIntegration } from '../../conformance/client.ts';
import { authorize, createApp } from '../../conformance/sign-in.ts';
import { newCode, newRefreshToken, refreshing } from '../codes.ts';
import type { Scene } from '../operations.ts';
import { expectShown, newPerson, ownPage, signedIn } from '../people.ts';
import { form, send, succeed } from '../request.ts';

/** What becomes of codes and tokens, personal access tokens among them. */
export async function tokenTour(scene: Scene): Promise<void> {
  await codesAndRefreshTokens(scene);
  await personalAccessTokens(scene);
}

async function codesAndRefreshTokens({ outputs, admin }: Scene): Promise<void> {
  const browser = await signedIn(outputs, await newPerson(outputs, admin));
  const { client: app, redemption } = await newCode(outputs, admin, browser);
  const { body } = await succeed(outputs, 'token', redemption);
  await succeed(outputs, 'introspect', { body: form(app, { token: body.access_token }) });
  await succeed(outputs, 'introspect', { body: form(app, { token: body.refresh_token }) });
  const next = await succeed(outputs, 'token', refreshing(app, body.refresh_token));
  await succeed(outputs, 'token', refreshing(app, next.body.refresh_token));
  // It comes back after its successor was used: that ends the family.
  const reuse = await send(outputs, 'token', refreshing(app, body.refresh_token));
  if (reuse.body.error !== 'invalid_grant') throw new Error(`reuse answered ${reuse.text}`);

  const other = await newRefreshToken(outputs, admin, browser);
  const token = new URLSearchParams(other.redemption.body as URLSearchParams).get('refresh_token') ?? '';
  await succeed(outputs, 'revoke', { body: form(other.client, { token }) });
}

/** Made, used at both gates and asked about; gone with the consent that its user withdraws, who then signs out. */
async function personalAccessTokens({ outputs, admin }: Scene): Promise<void> {
  const rights = ['users:read', 'personal-access-tokens:manage'];
  const { configuration, integration } = await createApp(outputs, admin, rights);
  const browser = await signedIn(outputs, await newPerson(outputs, admin));
  const tokens = await authorize(configuration, unused, `openid ${rights.join(' ')}`, { browser });
  const body = { name: 'Script', rights: ['users:read'], expires_in: 3600 };
  await succeed(outputs, 'listUsers', { token: tokens.access_token });
  const make = async (): Promise<string> =>
    (await succeed(outputs, 'createPersonalAccessToken', { token: tokens.access_token, body })).body.token;
  const token = await make();
  // Each gate notes a first use of its own.
  await succeed(outputs, 'listUsers', { token });
  await succeed(outputs, 'getTenant', { token: await make() });
  const asking = await createIntegration(outputs, admin, ['tokens:introspect']);
  for (const each of [token, tokens.access_token])
    await succeed(outputs, 'introspect', { body: form(asking, { token: each }) });

  const account = await browser.open(ownPage(outputs, 'account'));
  expectShown(await browser.submit(account, { client_id: integration.client_id }), 200);
  const leave = client.buildEndSessionUrl(configuration, { id_token_hint: tokens.id_token ?? '' });
  expectShown(await browser.open(leave.href), 200);
}

/** Nobody is asked for a password who is signed in already. */
const unused = { username: '', password: '' };
