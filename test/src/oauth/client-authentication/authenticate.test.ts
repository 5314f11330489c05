import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newClientSecret } from '../../../../src/entities/client-secret.ts';
import { newClientId, newTenantId } from '../../../../src/entities/identifiers.ts';
import { authenticateClient } from '../../../../src/oauth/client-authentication/authenticate.ts';
import { InvalidClient, InvalidRequest } from '../../../../src/oauth/errors.ts';
import { type ProtocolRequest, parseForm } from '../../../../src/oauth/form.ts';
import {
  authorizationServer,
  basicOf,
  credentialsOf,
  formRequest,
  issuer,
  registered,
} from '../authorization-server.ts';

const client = registered(['issues:read']);
const { clientId } = client.integration;
const server = await authorizationServer(client);
const endpoint = { issuer, url: `${issuer}/oauth2/token` };

const authenticate = (http: ProtocolRequest, { ports } = server) =>
  authenticateClient({ http, form: parseForm(http), endpoint }, ports);
const basic = (id: string, secret: string, parameters = {}) =>
  formRequest(parameters, { authorization: basicOf(id, secret) });

async function refusal(http: ProtocolRequest, at = server): Promise<InvalidClient | InvalidRequest> {
  const error = await authenticate(http, at).then(
    () => new Error('was authenticated'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof InvalidClient || error instanceof InvalidRequest) return error;
  throw error;
}

describe('a client is authenticated', () => {
  it('by its secret, in the header or in the body', async () => {
    for (const http of [basic(clientId, client.secret), formRequest(credentialsOf(client))])
      expect(await authenticate(http)).toEqual({ integration: client.integration, credential: 'sec_1' });
  });

  it('by any of its live secrets, and the token knows which', async () => {
    const other = registered([]);
    const [first, second] = [client.integration.secrets[0], other.integration.secrets[0]];
    if (first === undefined || second === undefined) throw new Error('no secrets');
    const secrets = [first, { ...second, id: 'sec_2', expiresAt: '2026-11-21T12:00:01.000Z' }];
    const both = await authorizationServer({ ...client, integration: { ...client.integration, secrets } });
    expect((await authenticate(basic(clientId, client.secret), both)).credential).toBe('sec_1');
    expect((await authenticate(basic(clientId, other.secret), both)).credential).toBe('sec_2');
  });

  it('with a client_id beside Basic that agrees', async () => {
    expect((await authenticate(basic(clientId, client.secret, { client_id: clientId }))).credential).toBe('sec_1');
  });
});

describe('invalid_client', () => {
  const expired = registered([]);
  const secrets = expired.integration.secrets.map((one) => ({ ...one, expiresAt: '2026-11-21T12:00:00.000Z' }));
  const disabled = registered([], { status: 'disabled' });
  const withoutSecrets = registered([], { secrets: [] });
  const withKeys = registered([], { tokenEndpointAuthMethod: 'private_key_jwt' });
  const others = authorizationServer(
    { ...expired, integration: { ...expired.integration, secrets } },
    disabled,
    withoutSecrets,
    withKeys,
  );

  it.each<[string, string, string]>([
    ['an unknown client', newClientId(client.integration.tenant, randomBytes), client.secret],
    ['a client of an unknown tenant', newClientId(newTenantId(randomBytes), randomBytes), client.secret],
    ['what is no client id', 'nobody', client.secret],
    ['a wrong secret', clientId, newClientSecret(randomBytes)],
    ['an empty secret', clientId, ''],
    ['a secret cut off', clientId, client.secret.slice(0, -1)],
    ['a secret in another case', clientId, client.secret.toLowerCase()],
    ['the hash of the secret', clientId, client.integration.secrets[0]?.hash ?? ''],
    ['a secret that expired', expired.integration.clientId, expired.secret],
    ['a disabled integration', disabled.integration.clientId, disabled.secret],
    ['an integration without secrets', withoutSecrets.integration.clientId, withoutSecrets.secret],
    ['an integration that registered another method', withKeys.integration.clientId, withKeys.secret],
  ])('%s: one text, and one read', async (_, id, secret) => {
    const at = id === clientId ? server : await others;
    at.reads.length = 0;
    const inHeader = await refusal(basic(id, secret), at);
    expect(inHeader).toMatchObject({
      code: 'invalid_client',
      status: 401,
      description: 'Client authentication failed.',
      headers: { 'WWW-Authenticate': 'Basic realm="latchkey"' },
    });
    expect(at.reads).toHaveLength(1);
    // An empty parameter is an absent one, so that the body then holds no credentials at all.
    const inBody = await refusal(formRequest({ client_id: id, client_secret: secret }), at);
    expect(inBody).toMatchObject({ code: 'invalid_client', description: inHeader.description, headers: {} });
  });

  it('is told of with the client that exists, and of one that does not nothing; as often', async () => {
    const at = await others;
    at.refusals.length = 0;
    await refusal(basic(disabled.integration.clientId, disabled.secret), at);
    await refusal(basic(newClientId(client.integration.tenant, randomBytes), client.secret), at);
    expect(at.refusals).toEqual([
      {
        tenant: disabled.integration.tenant,
        action: 'client.refused',
        object: disabled.integration.clientId,
        reason: 'client is not active',
      },
      undefined,
    ]);
    server.refusals.length = 0;
    await authenticate(basic(clientId, client.secret));
    expect(server.refusals).toEqual([]);
  });

  it('no credentials, a client_id alone, or a secret without one', async () => {
    const incomplete: Record<string, string>[] = [{}, { client_id: clientId }, { client_secret: client.secret }];
    for (const parameters of incomplete)
      expect(await refusal(formRequest(parameters))).toMatchObject({ code: 'invalid_client', headers: {} });
  });

  it.each(['Bearer x', 'Basic', 'Basic !', `Basic ${Buffer.from('nocolon').toString('base64')}`, ''])(
    'a header that is no Basic credentials: %j; with the challenge',
    async (authorization) => {
      expect(await refusal(formRequest({}, { authorization }))).toMatchObject({
        code: 'invalid_client',
        headers: { 'WWW-Authenticate': 'Basic realm="latchkey"' },
      });
    },
  );
});

describe('invalid_request', () => {
  const assertion = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };

  it.each<[string, ProtocolRequest]>([
    ['header and body', basic(clientId, client.secret, credentialsOf(client))],
    ['header and client_secret', basic(clientId, client.secret, { client_secret: client.secret })],
    ['another scheme and body', formRequest(credentialsOf(client), { authorization: 'Bearer x' })],
    ['header and assertion', basic(clientId, client.secret, { ...assertion, client_assertion: 'x' })],
    ['body and assertion', formRequest({ ...credentialsOf(client), ...assertion, client_assertion: 'x' })],
    ['half an assertion', formRequest({ ...assertion, client_id: clientId })],
    ['the other half', formRequest({ client_assertion: 'x', client_id: clientId })],
    ['a client_id that does not agree', basic(clientId, client.secret, { client_id: `${clientId}x` })],
  ])('%s', async (_, http) => {
    server.reads.length = 0;
    expect(await refusal(http)).toBeInstanceOf(InvalidRequest);
    expect(server.reads).toEqual([]);
  });
});
