import { randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { newTenantId } from '../../../src/entities/identifiers.ts';
import type { RevokedToken } from '../../../src/entities/revoked-token.ts';
import { tokenStatus } from '../../../src/oauth/access-token/status.ts';
import { InvalidClient, InvalidRequest } from '../../../src/oauth/errors.ts';
import { revoke } from '../../../src/oauth/revocation-endpoint.ts';
import { exchangeToken } from '../../../src/oauth/token-endpoint.ts';
import {
  authorizationServer,
  credentialsOf,
  formRequest,
  issuer,
  type Registered,
  registered,
  settings,
} from './authorization-server.ts';

const owner = registered(['issues:write'], { grantTypes: ['client_credentials', 'refresh_token'] });
const stranger = registered(['issues:write', 'tokens:introspect']);
const elsewhere = registered(['issues:write'], { tenant: newTenantId(randomBytes) });

async function world() {
  const server = await authorizationServer(owner, stranger, elsewhere);
  const http = formRequest({ grant_type: 'client_credentials', ...credentialsOf(owner) });
  const { access_token: token, refresh_token: refreshToken = '' } = await exchangeToken(http, settings, server.ports);
  const written: RevokedToken[] = [];
  const revokedTokens = { revoke: async (one: RevokedToken) => void written.push(one) };
  const ask = (who: Registered, parameters: Record<string, string> = { token }) =>
    revoke(formRequest({ ...parameters, ...credentialsOf(who) }), issuer, {
      ...server.ports,
      verifier: server.verifier,
      revokedTokens,
    });
  const isOver = async () => {
    const { fam } = decodeJwt<{ fam?: string }>(token);
    return (await server.ports.families.get(owner.integration.tenant, fam ?? ''))?.revokedAt !== undefined;
  };
  return { ...server, token, refreshToken, isOver, written, ask };
}

describe('200', () => {
  it("kills the client's own token, until it would have expired", async () => {
    const { ask, token, written } = await world();
    await ask(owner);
    const { jti: tokenId, exp: expiresAt } = decodeJwt(token);
    expect(written).toEqual([{ tenant: owner.integration.tenant, tokenId, expiresAt }]);
  });

  it('takes any token_type_hint, and the same token twice', async () => {
    const { ask, token, written } = await world();
    for (const token_type_hint of ['access_token', 'refresh_token', 'other'])
      await ask(owner, { token, token_type_hint });
    expect(written).toHaveLength(3);
  });

  it('kills a token whose time has not come, which would be accepted once it has', async () => {
    const { ask, status, time, token, written } = await world();
    time.now -= 60_000;
    expect(await tokenStatus(status, token)).toEqual({ active: false, fault: 'iat' });
    await ask(owner);
    expect(written).toHaveLength(1);
    for (const who of [stranger, elsewhere]) await expect(ask(who)).rejects.toThrow(InvalidRequest);
    expect(written).toHaveLength(1);
    time.now += 60_000;
    expect(await tokenStatus(status, token)).toMatchObject({ active: true });
  });

  it('is the answer to what is no token, or none any more; nothing is written', async () => {
    const { ask, time, token, written } = await world();
    for (const text of ['x', 'a.b.c', token.slice(0, -1)]) await ask(owner, { token: text });
    time.now += 3_600_000;
    await ask(owner);
    await ask(stranger);
    expect(written).toEqual([]);
  });
});

describe('a refresh token', () => {
  it('ends its family, and so every access token of it', async () => {
    const { ask, refreshToken, isOver, status, token } = await world();
    await ask(owner, { token: refreshToken });
    expect(await isOver()).toBe(true);
    expect(await tokenStatus(status, token)).toMatchObject({ active: false });
  });

  it("of another client's is refused; of another tenant's it is as if it did not exist", async () => {
    const { ask, refreshToken, isOver } = await world();
    await expect(ask(stranger, { token: refreshToken })).rejects.toThrow(InvalidRequest);
    await ask(elsewhere, { token: refreshToken });
    expect(await isOver()).toBe(false);
  });
});

describe('400', () => {
  it("refuses another client's token and revokes nothing", async () => {
    const { ask, written } = await world();
    for (const who of [stranger, elsewhere]) await expect(ask(who)).rejects.toThrow(InvalidRequest);
    expect(written).toEqual([]);
  });

  it('refuses a request without a token', async () => {
    const { ask } = await world();
    await expect(ask(owner, {})).rejects.toThrow(InvalidRequest);
  });
});

describe('401', () => {
  it('refuses a caller that does not authenticate', async () => {
    const { ask, written } = await world();
    await expect(ask({ ...owner, secret: stranger.secret })).rejects.toThrow(InvalidClient);
    expect(written).toEqual([]);
  });
});
