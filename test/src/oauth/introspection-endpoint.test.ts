import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newTenantId } from '../../../src/entities/identifiers.ts';
import { InvalidClient, InvalidRequest } from '../../../src/oauth/errors.ts';
import { introspect } from '../../../src/oauth/introspection-endpoint.ts';
import { exchangeToken } from '../../../src/oauth/token-endpoint.ts';
import {
  apiUrl,
  authorizationServer,
  credentialsOf,
  formRequest,
  issuer,
  type Registered,
  registered,
  settings,
} from './authorization-server.ts';

const owner = registered(['issues:write', 'users:read']);
const reader = registered(['tokens:introspect']);
const stranger = registered(['issues:read']);
const elsewhere = registered(['tokens:introspect'], { tenant: newTenantId(randomBytes) });

async function world(changes: object = {}) {
  const server = await authorizationServer(owner, reader, stranger, elsewhere);
  const http = formRequest({ grant_type: 'client_credentials', ...credentialsOf(owner), ...changes });
  const { access_token: token } = await exchangeToken(http, settings, server.ports);
  const ask = (who: Registered, text = token) =>
    introspect(formRequest({ token: text, ...credentialsOf(who) }), issuer, { ...server.ports, status: server.status });
  return { ...server, token, ask };
}

describe('an active token', () => {
  it('is described to its own client and to who holds tokens:introspect', async () => {
    const { ask, time } = await world();
    const now = time.now / 1000;
    for (const who of [owner, reader])
      expect(await ask(who)).toEqual({
        active: true,
        token_type: 'Bearer',
        scope: 'issues:write users:read',
        iss: issuer,
        sub: owner.integration.clientId,
        aud: apiUrl,
        client_id: owner.integration.clientId,
        iat: now,
        exp: now + 3600,
        jti: expect.stringMatching(/^tok_/),
        tenant: owner.integration.tenant,
      });
  });

  it('shows its rights as held now', async () => {
    const { ask, integrations } = await world();
    const { 'users:read': kept } = owner.integration.rights;
    if (kept === undefined) throw new Error('not held');
    integrations.set(owner.integration.clientId, { ...owner.integration, rights: { 'users:read': kept } });
    expect(await ask(owner)).toMatchObject({ active: true, scope: 'users:read' });
    integrations.set(owner.integration.clientId, { ...owner.integration, rights: {} });
    const bare = await ask(owner);
    expect(bare).toMatchObject({ active: true });
    expect(bare).not.toHaveProperty('scope');
  });

  it('shows the projects that it is narrowed to', async () => {
    const details = [{ type: 'project', identifier: 'PRJ', actions: ['issues:read'] }];
    const { ask } = await world({ authorization_details: JSON.stringify(details) });
    expect(await ask(owner)).toMatchObject({ active: true, authorization_details: details });
  });
});

describe('{"active":false} and nothing else', () => {
  it.each<[string, Registered]>([
    ['another client without the right', stranger],
    ['a client of another tenant, whatever it holds', elsewhere],
  ])('is what %s learns', async (_, who) => {
    const { ask } = await world();
    expect(await ask(who)).toEqual({ active: false });
  });

  it('is what a holder of a right that was withdrawn learns', async () => {
    const { ask, integrations } = await world();
    integrations.set(reader.integration.clientId, { ...reader.integration, rights: {} });
    expect(await ask(reader)).toEqual({ active: false });
  });

  it('is what any text is that is no token', async () => {
    const { ask, token } = await world();
    const cut = token.slice(0, -1);
    const forged = token.replace(/\.[^.]*$/, `.${Buffer.alloc(64).toString('base64url')}`);
    for (const text of ['x', 'a.b.c', cut, forged, `${token}.${token}`])
      expect(await ask(owner, text)).toEqual({ active: false });
  });

  it('is what a token is that is dead', async () => {
    const expired = await world();
    expired.time.now += 3_600_000;
    expect(await expired.ask(owner)).toEqual({ active: false });
    const revoked = await world();
    const described = await revoked.ask(owner);
    revoked.revoked.add('jti' in described ? described.jti : '');
    expect(await revoked.ask(owner)).toEqual({ active: false });
    const disabled = await world();
    disabled.integrations.set(owner.integration.clientId, { ...owner.integration, status: 'disabled' });
    expect(await disabled.ask(reader)).toEqual({ active: false });
  });
});

describe('refused', () => {
  it('is a request without a token', async () => {
    const { ask } = await world();
    await expect(ask(owner, '')).rejects.toThrow(InvalidRequest);
  });

  it('is a caller that does not authenticate', async () => {
    const { ask } = await world();
    await expect(ask({ ...owner, secret: stranger.secret })).rejects.toThrow(InvalidClient);
  });
});
