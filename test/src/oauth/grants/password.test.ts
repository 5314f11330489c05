import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../../src/entities/audit-event.ts';
import type { User } from '../../../../src/entities/user.ts';
import type { PasswordPorts } from '../../../../src/oauth/grants/grant.ts';
import { serverMetadata } from '../../../../src/oauth/metadata.ts';
import { exchangeToken } from '../../../../src/oauth/token-endpoint.ts';
import { source } from '../../entities/origin.ts';
import { adminUrl, apiUrl, credentialsOf, formRequest, type Registered, settings } from '../authorization-server.ts';
import { appOf, type GrantScene, grantScene } from './scene.ts';

const grantTypes = ['password', 'refresh_token'];
const offering = { ...settings, legacyGrants: ['password'] };
const typed = { grant_type: 'password', username: 'ada', password: 'correct horse' };

let scene: GrantScene;
let attempts: Parameters<PasswordPorts['check']>[0][];
let events: AuditEvent[];
let refusals: object[];
let found: Awaited<ReturnType<PasswordPorts['check']>>;
beforeEach(async () => {
  scene = await grantScene(appOf({ grantTypes }));
  attempts = [];
  events = [];
  refusals = [];
  isUser({});
});

function isUser(changes: Partial<User>) {
  const user = { ...scene.user, ...changes };
  scene.users.set(user.id, user);
  found = { user, operator: false };
}

const passwords: PasswordPorts = {
  async check(attempt) {
    attempts.push(attempt);
    return found;
  },
  auditEvents: {
    async append(event) {
      events.push(event);
    },
  },
  refusals: {
    async note(refused, from) {
      refusals.push({ ...refused, address: from.address });
    },
  },
};

async function ask(
  parameters: Readonly<Record<string, string>> = {},
  { who = scene.app, settings = offering }: { who?: Registered; settings?: typeof offering } = {},
) {
  const request = formRequest(
    { ...credentialsOf(who), ...typed, ...parameters },
    { source: { ...source, requestId: 'request-7' } },
  );
  return exchangeToken(request, settings, { ...scene.ports, passwords });
}
const errorOf = async (...asked: Parameters<typeof ask>) => {
  try {
    await ask(...asked);
    return 'issued';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
};

describe('a password', () => {
  it('is exchanged for tokens without session and consent, which name their family', async () => {
    const answer = await ask({ scope: 'openid issues:read' });
    expect(answer).toMatchObject({ token_type: 'Bearer', scope: 'openid issues:read' });
    expect(answer.refresh_token).toMatch(/^lkr_/);
    const claims = decodeJwt(answer.access_token);
    expect(claims).toMatchObject({ sub: scene.user.id, cred: 'sec_1', fam: expect.stringMatching(/^fam_/) });
    expect(claims).not.toHaveProperty('sid');
    const family = await scene.familyOf(answer);
    expect(family).toMatchObject({
      grantType: 'password',
      user: { id: scene.user.id, offline: false, methods: ['pwd'] },
    });
    expect(family?.user).not.toHaveProperty('consentId');
    expect(decodeJwt(answer.id_token ?? '')).toMatchObject({ sub: scene.user.id, amr: ['pwd'] });
  });

  it('begins a family that lives no longer than its tokens where none can be refreshed', async () => {
    const who = appOf({ grantTypes: ['password'] });
    scene.integrations.set(who.integration.clientId, who.integration);
    const answer = await ask({}, { who });
    expect(answer).not.toHaveProperty('refresh_token');
    const { exp = 0 } = decodeJwt(answer.access_token);
    expect((await scene.familyOf(answer))?.expiresAt).toBe(new Date(exp * 1000).toISOString());
  });

  it('is checked in the tenant of the client, as from the address that API Gateway saw', async () => {
    await ask();
    const { tenant } = scene.app.integration;
    expect(attempts).toEqual([{ tenant, username: 'ada', password: 'correct horse', address: '203.0.113.7' }]);
  });

  it('leaves a warning in the audit log each time, without itself', async () => {
    await ask();
    await ask();
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({
      action: 'authorization.legacy_flow',
      actor: scene.user.id,
      object: scene.app.integration.clientId,
      requestId: 'request-7',
      changes: { grant_type: 'password', warning: expect.any(String) },
    });
    expect(JSON.stringify(events)).not.toContain('correct horse');
  });

  it('that does not do is invalid_grant, and nothing is written', async () => {
    found = { fault: 'too many attempts' };
    expect(await errorOf()).toBe('invalid_grant');
    expect(events).toEqual([]);
  });

  it('that does not do is told of as a refused sign-in of the user, or of the tenant where there is none', async () => {
    const { tenant, id } = scene.user;
    for (const userId of [id, undefined]) {
      found = { fault: 'wrong', userId };
      expect(await errorOf()).toBe('invalid_grant');
    }
    const refused = { tenant, action: 'sign_in.refused', reason: 'wrong', address: '203.0.113.7' };
    expect(refusals).toEqual([
      { ...refused, object: id },
      { ...refused, object: tenant },
    ]);
  });

  it.each(['username', 'password'])('without %s is invalid_request, and nothing is counted', async (missing) => {
    expect(await errorOf({ [missing]: '' })).toBe('invalid_request');
    expect(attempts).toEqual([]);
  });
});

describe('the rights', () => {
  it('are all that app and user hold where none is named', async () => {
    const answer = await ask();
    expect(answer.scope).toBe('issues:read issues:write users:read');
    expect(decodeJwt(answer.access_token).aud).toBe(apiUrl);
    isUser({ roles: ['member'] });
    expect((await ask()).scope).toBe('issues:read users:read');
  });

  it('are in the projects where the user holds them', async () => {
    isUser({ roles: [{ role: 'project_administrator', project: 'PRJ' }] });
    expect(await ask({ scope: 'issues:write' })).toMatchObject({
      authorization_details: [{ type: 'project', identifier: 'PRJ', actions: ['issues:write'] }],
    });
  });

  it.each([
    ['one that the app does not hold', { scope: 'boards:read' }, 'invalid_scope'],
    ['an API where the app holds nothing', { resource: adminUrl }, 'invalid_target'],
    ['malformed details', { authorization_details: 'x' }, 'invalid_authorization_details'],
  ])('are refused before the password is looked at: %s', async (_, parameters, error) => {
    expect(await errorOf(parameters as Record<string, string>)).toBe(error);
    expect(attempts).toEqual([]);
  });

  it('come without scopes that mean nothing: profile without openid, offline_access without a refresh token', async () => {
    const scope = 'profile offline_access issues:read';
    expect((await ask({ scope })).scope).toBe('offline_access issues:read');
    expect((await ask({ scope: `openid ${scope}` })).scope).toBe('openid profile offline_access issues:read');
    scene.integrations.set(scene.app.integration.clientId, { ...scene.app.integration, grantTypes: ['password'] });
    expect((await ask({ scope })).scope).toBe('issues:read');
  });

  it('of which the user holds none are invalid_scope', async () => {
    isUser({ roles: [] });
    expect(await errorOf()).toBe('invalid_scope');
  });
});

describe('the grant', () => {
  it('does not exist where the stage does not name it', async () => {
    expect(await errorOf({}, { settings })).toBe('unsupported_grant_type');
    expect(serverMetadata(settings).grant_types_supported).not.toContain('password');
    expect(serverMetadata(offering).grant_types_supported).toContain('password');
  });

  it('is not the grant of a client that does not list it', async () => {
    const who = appOf({ grantTypes: ['authorization_code'] });
    scene.integrations.set(who.integration.clientId, who.integration);
    expect(await errorOf({}, { who })).toBe('unauthorized_client');
    expect(attempts).toEqual([]);
  });

  it("is no public client's, whatever it lists", async () => {
    const { integration } = scene.app;
    scene.integrations.set(integration.clientId, { ...integration, tokenEndpointAuthMethod: 'none', secrets: [] });
    const request = formRequest({ client_id: integration.clientId, ...typed });
    await expect(exchangeToken(request, offering, { ...scene.ports, passwords })).rejects.toMatchObject({
      code: 'unauthorized_client',
    });
    expect(attempts).toEqual([]);
  });

  it('gives tokens that die with a new password', async () => {
    const before = await ask();
    isUser({ tokenGeneration: scene.user.tokenGeneration + 1 });
    const after = await ask();
    expect(await scene.errorOf(scene.refresh(before.refresh_token))).toBe('invalid_grant');
    expect(await scene.errorOf(scene.refresh(after.refresh_token))).toBe('issued');
  });
});
