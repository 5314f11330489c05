import * as client from 'openid-client';
import { createIntegration, tokenOf } from '../../conformance/client.ts';
import type { Outputs } from '../../conformance/running-deployment.ts';
import { Browser, createApp, goThrough, locationOf, newChecks } from '../../conformance/sign-in.ts';
import { newPerson, type Person } from '../people.ts';
import { form, send, succeed, urlOf } from '../request.ts';

/**
 * What is there where the stage names it: tokens that are bound to a key, and the legacy grants.
 *
 * @param weak somebody whose password was hashed as it is no more
 */
export async function stageOptionsTour(outputs: Outputs, weak: Person): Promise<void> {
  const admin = await tokenOf(outputs, outputs.admin);
  const person = await newPerson(outputs, admin);
  await boundTokens(outputs, admin, person);
  await implicit(outputs, admin, person);
  await passwords(outputs, admin, [person, weak]);
}

async function boundTokens(outputs: Outputs, admin: string, person: Person): Promise<void> {
  const rights = ['users:read', 'personal-access-tokens:manage'];
  const { configuration } = await createApp(outputs, admin, rights, { dpop_bound_access_tokens: true });
  const DPoP = client.getDPoPHandle(configuration, await client.randomDPoPKeyPair('ES256'));
  const { parameters, checks } = await newChecks();
  const asked = { ...parameters, scope: `openid ${rights.join(' ')}` };
  const url = await client.buildAuthorizationUrlWithPAR(configuration, asked, { DPoP });
  const answer = locationOf(await goThrough(new Browser(), url, person));
  const tokens = await client.authorizationCodeGrant(configuration, answer, checks, undefined, { DPoP });
  await client.fetchUserInfo(configuration, tokens.access_token, person.id, { DPoP });
  for (const operation of ['listUsers', 'getTenant'] as const) {
    const address = new URL(urlOf(outputs, operation));
    await client.fetchProtectedResource(configuration, tokens.access_token, address, 'GET', null, undefined, { DPoP });
  }
}

async function implicit(outputs: Outputs, admin: string, person: Person): Promise<void> {
  const { configuration } = await createApp(outputs, admin, ['issues:read'], { grant_types: ['implicit'] });
  const { parameters } = await newChecks();
  const { code_challenge: _, code_challenge_method: __, ...asked } = parameters;
  const more = { response_type: 'id_token token', scope: 'openid issues:read' };
  const url = client.buildAuthorizationUrl(configuration, { ...asked, ...more });
  const answer = locationOf(await goThrough(new Browser(), url, person));
  if (!answer.hash.includes('access_token=')) throw new Error(`answered ${answer.href}`);
}

/** By name and by email, right and wrong. */
async function passwords(outputs: Outputs, admin: string, people: readonly Person[]): Promise<void> {
  const app = await createIntegration(outputs, admin, ['issues:read'], { grant_types: ['password'] });
  for (const { username, email, password } of people) {
    const body = (members: Record<string, string>) => form(app, { grant_type: 'password', ...members });
    await send(outputs, 'token', { body: body({ username, password: 'wrong' }) });
    await succeed(outputs, 'token', { body: body({ username, password }) });
    await succeed(outputs, 'token', { body: body({ username: email, password }) });
  }
}
