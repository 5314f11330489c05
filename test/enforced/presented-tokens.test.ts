import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createIntegration, tokenOf } from '../conformance/client.ts';
import { authorize, Browser, createApp } from '../conformance/sign-in.ts';
import { newProver } from '../src/oauth/dpop/proofs.ts';
import { type EnforcedRun, enforcedRun, synthesized } from './enforced-run.ts';
import { newUser } from './people.ts';
import { send, succeed, urlOf } from './request.ts';

const oneRead = { 'dynamodb:BatchGetItem': 1 };

let run: EnforcedRun;
let admin: string;
const tokens = { machine: '', delegated: '', personal: '' };

beforeAll(async () => {
  // With proofs the gateway keeps no decision: each request asks the authorizer.
  run = await enforcedRun(synthesized({ dpop: true }));
  admin = await tokenOf(run.outputs, run.outputs.admin);
  tokens.machine = admin;
  const user = await newSignIn();
  const rights = ['users:read', 'personal-access-tokens:manage'];
  const { configuration } = await createApp(run.outputs, admin, rights);
  const { access_token } = await authorize(configuration, user, `openid ${rights.join(' ')}`);
  tokens.delegated = access_token;
  const body = { name: 'Nightly script', rights: ['users:read'], expires_in: 3600 };
  const made = await succeed(run.outputs, 'createPersonalAccessToken', { token: access_token, body });
  tokens.personal = made.body.token;
});

/** A user who has set a password. */
async function newSignIn(): Promise<{ readonly username: string; readonly password: string }> {
  const { body } = await succeed(run.outputs, 'createUser', { token: admin, body: newUser() });
  const browser = new Browser();
  const page = await browser.open(body.password_link);
  const password = 'a long and unlikely password 9';
  await browser.submit(page, { password, confirmation: password });
  return { username: body.username, password };
}

/** What the authorizer of the resource API calls for one request, which is let through. */
async function decisionOn(token: string, headers: Record<string, string> = {}): Promise<unknown> {
  const calls = await run.callsDuring(() => succeed(run.outputs, 'listUsers', { token, headers }));
  return calls['api/authorizer'];
}

describe('a decision is one read', () => {
  test.each(['machine', 'delegated'] as const)('on the token of a %s', async (kind) => {
    await decisionOn(tokens[kind]);
    expect(await decisionOn(tokens[kind])).toEqual(oneRead);
  });

  test('on a personal access token, of which a use is noted once an hour', async () => {
    const calls = [await decisionOn(tokens.personal), await decisionOn(tokens.personal)];
    expect(calls).toEqual([{ ...oneRead, 'dynamodb:TransactWriteItems': 1 }, oneRead]);
  });
});

test('a decision on a bound token is one read and one write, which no second request with the proof gets past', async () => {
  const prover = await newProver();
  const url = urlOf(run.outputs, 'listUsers');
  const token = await boundToken(prover);
  const presented = async () => ({
    headers: { Authorization: `DPoP ${token}`, DPoP: await prover.prove('GET', url, Date.now(), token) },
  });
  await succeed(run.outputs, 'listUsers', await presented());
  const request = await presented();
  const calls = await run.callsDuring(() => succeed(run.outputs, 'listUsers', request));
  expect(calls['api/authorizer']).toEqual({ ...oneRead, 'dynamodb:PutItem': 1 });
  expect((await send(run.outputs, 'listUsers', request)).status).toBe(401);
});

/** A machine's token for the prover's key; the token endpoint asks for a nonce first. */
async function boundToken(prover: Awaited<ReturnType<typeof newProver>>): Promise<string> {
  const { client_id, client_secret } = await createIntegration(run.outputs, admin, ['users:read']);
  const url = run.outputs.token_endpoint;
  const ask = async (nonce: string | undefined) => {
    const claims = { htm: 'POST', htu: url, iat: Math.floor(Date.now() / 1000), jti: randomUUID(), nonce };
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret });
    return fetch(url, { method: 'POST', body, headers: { DPoP: await prover.sign(claims) } });
  };
  const first = await ask(undefined);
  const answer = await (await ask(first.headers.get('DPoP-Nonce') ?? undefined)).json();
  return (answer as { access_token: string }).access_token;
}
