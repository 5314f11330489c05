import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/auth/device-authorization.ts';
import { pause } from '../../../functions/shared/pause.ts';
import { deviceAuthorizations } from '../../../src/adapters/dynamodb/device-authorization.ts';
import { typedUserCode } from '../../../src/entities/device-authorization.ts';
import { deviceCodeGrant } from '../../../src/entities/grant-type.ts';
import { newClientId } from '../../../src/entities/identifiers.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import { apiUrl, issuer, operatorTenant, registered } from '../../src/oauth/authorization-server.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer, form, formOf } from './authorization-server.ts';

const grantTypes = [deviceCodeGrant];
const television = registered(['issues:read'], { grantTypes, tokenEndpointAuthMethod: 'none', secrets: [] });
const terminal = registered(['issues:read', 'users:read'], { grantTypes });
const machine = registered(['issues:read']);

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer(television, terminal, machine);
});
afterAll(() => server.close());

const ask = (sent: ReturnType<typeof form>) => callHandler(handler)('POST /oauth2/device_authorization', sent);
const asPublic = (parameters: Record<string, string>) =>
  form({ client_id: television.integration.clientId, ...parameters });

describe('200', () => {
  it('a device code, and a user code to type at the page that is named', async () => {
    const answer = await ask(asPublic({ scope: 'openid issues:read' }));
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' },
    });
    const { device_code, user_code } = answer.body;
    expect(answer.body).toEqual({
      device_code: expect.stringMatching(/^lkd_[0-9A-Za-z]{49}$/),
      user_code: expect.stringMatching(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/),
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${user_code}`,
      expires_in: 600,
      interval: 5,
    });
    const devices = deviceAuthorizations(server.table, pause);
    const { tenant, clientId } = television.integration;
    expect(await devices.get(tenant, hashOf(device_code))).toMatchObject({
      clientId,
      userCode: typedUserCode(user_code),
      parameters: { scope: ['openid issues:read'] },
    });
  });

  it('another code each time, to a client that authenticates', async () => {
    const sent = formOf(terminal, { scope: 'users:read', resource: apiUrl });
    const [one, other] = [await ask(sent), await ask(sent)];
    expect([one.status, other.status]).toEqual([200, 200]);
    expect(one.body.device_code).not.toBe(other.body.device_code);
    expect(one.body.user_code).not.toBe(other.body.user_code);
  });
});

describe('400', () => {
  const details = (actions: string[]) => JSON.stringify([{ type: 'project', identifier: 'PRJ', actions }]);
  it.each([
    ['a right that the client does not hold', { scope: 'users:read' }, 'invalid_scope'],
    ['a right that is none', { scope: 'issues:fly' }, 'invalid_scope'],
    ['nothing', {}, 'invalid_scope'],
    [
      'details that the client does not hold',
      { authorization_details: details(['boards:read']) },
      'invalid_authorization_details',
    ],
    ['an unknown API', { scope: 'issues:read', resource: 'https://elsewhere.example' }, 'invalid_target'],
  ])('that asks for %s is refused at once', async (_, parameters, error) => {
    expect(await ask(asPublic(parameters as Record<string, string>))).toMatchObject({ status: 400, body: { error } });
  });

  it('a client without the grant type is unauthorized_client', async () => {
    const answer = await ask(formOf(machine, { scope: 'issues:read' }));
    expect(answer).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
  });
});

describe('401', () => {
  it.each([
    ['an unknown client', form({ client_id: newClientId(operatorTenant, randomBytes), scope: 'issues:read' })],
    ['a wrong secret', formOf({ ...terminal, secret: 'wrong' }, { scope: 'issues:read' })],
    ['no secret where there is one', form({ client_id: terminal.integration.clientId, scope: 'issues:read' })],
    ['nobody', form({ scope: 'issues:read' })],
  ])('to %s', async (_, sent) => {
    expect(await ask(sent)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});
