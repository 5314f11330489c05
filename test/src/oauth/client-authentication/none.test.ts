import { describe, expect, it } from 'vitest';
import { authenticateClient } from '../../../../src/oauth/client-authentication/authenticate.ts';
import { parseForm } from '../../../../src/oauth/form.ts';
import {
  authorizationServer,
  basicOf,
  formRequest,
  issuer,
  type Registered,
  registered,
} from '../authorization-server.ts';

const publicClient = registered([], { tokenEndpointAuthMethod: 'none', secrets: [] });
const confidential = registered([]);
const endpoint = { issuer, url: `${issuer}/oauth2/token` };

async function outcome(parameters: Readonly<Record<string, string>>, authorization?: string) {
  const server = await authorizationServer(publicClient, confidential);
  const http = formRequest(parameters, { authorization });
  const found = await authenticateClient({ http, form: parseForm(http), endpoint }, server.ports).then(
    ({ credential }) => credential,
    (error) => error.code,
  );
  return { found, reads: server.reads.length };
}
const idOf = ({ integration }: Registered) => ({ client_id: integration.clientId });

describe('a client id alone', () => {
  it('is enough for a client that was registered with nothing else', async () => {
    expect(await outcome(idOf(publicClient))).toEqual({ found: 'none', reads: 1 });
  });

  it.each<[string, () => Readonly<Record<string, string>>]>([
    ['a confidential client', () => idOf(confidential)],
    ['an unknown client', () => ({ client_id: `${publicClient.integration.clientId.slice(0, -1)}_` })],
  ])('is nothing of %s, after the same one read', async (_, parameters) => {
    expect(await outcome(parameters())).toEqual({ found: 'invalid_client', reads: 1 });
  });

  it('is not read beside another method: a public client has no secret', async () => {
    const id = idOf(publicClient);
    expect((await outcome({ ...id, client_secret: 'x' })).found).toBe('invalid_client');
    expect((await outcome(id, basicOf(id.client_id, 'x'))).found).toBe('invalid_client');
    expect((await outcome({ ...id, client_assertion: 'x' })).found).toBe('invalid_request');
  });
});

it('a disabled public client is refused', async () => {
  const disabled = registered([], { tokenEndpointAuthMethod: 'none', secrets: [], status: 'disabled' });
  const server = await authorizationServer(disabled);
  const http = formRequest(idOf(disabled));
  await expect(authenticateClient({ http, form: parseForm(http), endpoint }, server.ports)).rejects.toMatchObject({
    code: 'invalid_client',
  });
});
