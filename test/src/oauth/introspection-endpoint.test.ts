import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Holdings } from '../../../src/entities/holdings.ts';
import { newTenantId, newUserId } from '../../../src/entities/identifiers.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import { issueAccessToken } from '../../../src/oauth/access-token/issue.ts';
import { InvalidClient, InvalidRequest } from '../../../src/oauth/errors.ts';
import { introspect } from '../../../src/oauth/introspection-endpoint.ts';
import { newPersonalAccessToken } from '../../../src/oauth/personal-access-token.ts';
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

/** Every project but one that is gone. */
const projects = {
  getMany: async (tenant: string, keys: readonly string[]) => {
    const there = keys.filter((key) => key !== 'GONE');
    return there.map((key) => ({ tenant, key, name: key, createdAt: '2026-11-21T10:00:00.000Z' }));
  },
};

async function world(changes: object = {}) {
  const server = await authorizationServer(owner, reader, stranger, elsewhere);
  const http = formRequest({ grant_type: 'client_credentials', ...credentialsOf(owner), ...changes });
  const { access_token: token } = await exchangeToken(http, settings, server.ports);
  const ask = (who: Registered, text = token) =>
    introspect(formRequest({ token: text, ...credentialsOf(who) }), issuer, {
      ...{ ...server.ports, projects, status: server.status },
    });
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

  it('does not show those of them that were deleted', async () => {
    const [there, gone] = ['PRJ', 'GONE'].map((identifier) => ({
      ...{ type: 'project', identifier, actions: ['issues:read'] },
    }));
    const { ask } = await world({ authorization_details: JSON.stringify([there, gone]) });
    expect(await ask(owner)).toMatchObject({ active: true, authorization_details: [there] });
    const nothing = await (await world({ authorization_details: JSON.stringify([gone]) })).ask(owner);
    expect(nothing).toMatchObject({ active: true });
    expect(nothing).not.toHaveProperty('authorization_details');
  });
});

describe('a personal access token', () => {
  const { tenant, clientId } = owner.integration;
  const userId = newUserId(randomBytes);
  const token = newPersonalAccessToken({ tenant, userId, clientId, randomBytes });
  const at = '2026-11-21T10:00:00.000Z';
  const ofUser = {
    ...{
      tenant,
      id: userId,
      username: 'ada',
      email: 'ada@example.com',
      name: 'Ada',
      roles: ['administrator'] as const,
    },
    ...{ status: 'active' as const, tokenGeneration: 0, version: 1, createdAt: at },
  };
  const kept = {
    ...{
      tenant,
      userId,
      clientId,
      id: 'pat_1',
      hash: hashOf(token),
      name: 'Script',
      operator: false,
      userGeneration: 0,
    },
    ...{ rights: { global: ['issues:read'], byProject: {} }, lastFour: '', createdAt: at },
    expiresAt: '2026-12-21T10:00:00.000Z',
  };
  const asked = async (who: Registered, rights: Holdings = kept.rights) => {
    const { ports, status } = await world();
    const standing = { tenant, status: 'active', operator: false } as const;
    const liveness = {
      read: async () => ({ tenant: standing, revoked: false, user: ofUser, personalAccessToken: { ...kept, rights } }),
    };
    return introspect(formRequest({ token, ...credentialsOf(who) }), issuer, {
      ...{ ...ports, projects },
      status: { ...status, liveness },
    });
  };

  it("is described to who holds tokens:introspect in its user's tenant", async () => {
    expect(await asked(reader)).toEqual({
      ...{ active: true, token_type: 'Bearer', scope: 'issues:read', iss: issuer, sub: userId, client_id: clientId },
      ...{ iat: Date.parse(at) / 1000, exp: Date.parse(kept.expiresAt) / 1000, jti: 'pat_1', tenant },
    });
  });

  it('shows the projects that it is limited to, and none that was deleted', async () => {
    const byProject = { PRJ: ['issues:read'], GONE: ['issues:read'] };
    expect(await asked(reader, { global: [], byProject })).toMatchObject({
      authorization_details: [{ type: 'project', identifier: 'PRJ', actions: ['issues:read'] }],
    });
  });

  it.each([
    ['the app that it was made through', owner],
    ['whoever holds the right in another tenant', elsewhere],
  ])('is inactive to %s', async (_, who) => {
    expect(await asked(who)).toEqual({ active: false });
  });
});

it('a token that is bound to a key is described with it (RFC 9449 §6.2)', async () => {
  const { ask, ports } = await world();
  const { integration } = owner;
  const { access_token } = await issueAccessToken(
    {
      integration,
      credential: 'sec_1',
      rights: { global: ['issues:read'], byProject: {}, audience: [apiUrl] },
      keyThumbprint: 'x',
    },
    settings,
    ports,
  );
  expect(await ask(owner, access_token)).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: 'x' } });
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
