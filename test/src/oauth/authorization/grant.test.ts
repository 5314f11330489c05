import { randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../../src/entities/audit-event.ts';
import type { AuthorizationCode } from '../../../../src/entities/authorization-code.ts';
import { hashOf } from '../../../../src/entities/recognizable-secret.ts';
import type { User } from '../../../../src/entities/user.ts';
import { tokenStatus } from '../../../../src/oauth/access-token/status.ts';
import { type AuthorizationPorts, grantAuthorization } from '../../../../src/oauth/authorization/grant.ts';
import { nextStep } from '../../../../src/oauth/authorization/next-step.ts';
import type { AuthorizationRequest } from '../../../../src/oauth/authorization/request.ts';
import { exchangeToken } from '../../../../src/oauth/token-endpoint.ts';
import { source } from '../../entities/origin.ts';
import {
  apiUrl,
  authorizationServer,
  credentialsOf,
  formRequest,
  issuer,
  type Registered,
  settings as tokenSettings,
} from '../authorization-server.ts';
import {
  at,
  codeVerifier,
  consentOf,
  now,
  type Parameters,
  redirectUri,
  sessionOf,
  settings,
  userOf,
  validated,
  webApp,
} from './scene.ts';

/** A server at which a user of the app's tenant is signed in and has agreed. */
async function serverOf(app: Registered, changes: Partial<User> = {}) {
  const server = await authorizationServer(app);
  const user = userOf(app.integration, changes);
  const session = sessionOf(user);
  const scopes = ['openid', 'profile', 'email', 'offline_access'];
  const consent = consentOf(user, app.integration, scopes, { global: ['issues:write'], byProject: {} });
  server.users.set(user.id, user);
  server.sessions.set(session.id, session);
  server.consents.set(`${user.id} ${app.integration.clientId}`, consent);
  const codes: AuthorizationCode[] = [];
  const events: AuditEvent[] = [];
  const noted: string[] = [];
  const ports: AuthorizationPorts = {
    ...server.ports,
    clock: { now: () => now },
    randomBytes,
    randomUuid: () => randomUUID(),
    codes: {
      create: async (code) => {
        codes.push(code);
        await server.ports.codes.create(code);
      },
    },
    sessions: {
      noteClient: async ({ id }, clientId) => {
        noted.push(`${id} ${clientId}`);
      },
    },
    auditEvents: {
      append: async (event) => {
        events.push(event);
      },
    },
  };
  /** Grants the request, as the endpoint does where nothing is left to ask, and answers the parameters of the answer. */
  const grant = async (request: AuthorizationRequest) => {
    const situation = { now, session, user, consent, operator: false };
    const next = nextStep(request, { ...situation, secondFactor: { required: false, enrolled: false } });
    if (next.step !== 'grant') throw new Error(`the next step is ${next.step}`);
    const answer = await grantAuthorization(request, next, source, settings, ports);
    if (answer.kind === 'form-post') return answer.fields;
    const { search, hash } = new URL(answer.location);
    return Object.fromEntries(new URLSearchParams(search || hash.slice(1)));
  };
  return { ...server, user, session, consent, codes, events, noted, grant };
}

const redeem = (app: Registered, code = '') => {
  return formRequest({
    ...credentialsOf(app),
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  });
};

describe('a granted code', () => {
  it('is kept by its hash alone, for a minute, with all that it is bound to', async () => {
    const app = webApp(['issues:read']);
    const server = await serverOf(app);
    const request = await validated(app.integration, { nonce: 'n', scope: 'openid issues:read' });
    const { code, state, iss } = await server.grant(request);
    expect(code).toMatch(/^[0-9A-Za-z]{43}$/);
    expect({ state, iss }).toEqual({ state: 'a state', iss: issuer });
    expect(JSON.stringify(server.codes)).not.toContain(code);
    const { clientId, tenant } = app.integration;
    expect(server.codes).toEqual([
      {
        tenant,
        hash: hashOf(code ?? ''),
        clientId,
        redirectUri,
        codeChallenge: request.codeChallenge,
        expiresAt: at(60),
        family: {
          tenant,
          id: expect.stringMatching(/^fam_\w{22}$/),
          clientId,
          grantType: 'authorization_code',
          user: {
            id: server.user.id,
            generation: 0,
            authenticatedAt: server.session.authenticatedAt,
            methods: ['pwd'],
            sessionId: server.session.id,
            offline: false,
            consentId: server.consent.id,
          },
          operator: false,
          scopes: ['openid'],
          rights: { global: ['issues:read'], byProject: {} },
          resources: [],
          nonce: 'n',
          keyThumbprint: undefined,
          createdAt: at(0),
          expiresAt: at(settings.refreshTokenLifetimeSeconds),
        },
      },
    ]);
    expect(server.noted).toEqual([`${server.session.id} ${clientId}`]);
    expect(server.events).toEqual([]);
  });

  it('is redeemed for tokens that carry what was given', async () => {
    const app = webApp(['issues:write']);
    const server = await serverOf(app, { roles: ['member'] });
    const request = await validated(app.integration, { scope: 'openid issues:write', nonce: 'n' });
    const { code } = await server.grant(request);
    const answer = await exchangeToken(redeem(app, code), tokenSettings, server.ports);
    expect(answer).toMatchObject({ scope: 'openid issues:read', refresh_token: expect.stringMatching(/^lkr_/) });
    expect(decodeJwt(answer.access_token)).toMatchObject({ sub: server.user.id, aud: [apiUrl, issuer] });
    expect(decodeJwt(answer.id_token ?? '')).toMatchObject({ nonce: 'n', sid: server.session.id });
  });

  it('lives on without the session where the user agreed to that', async () => {
    const app = webApp();
    const server = await serverOf(app);
    await server.grant(await validated(app.integration, { scope: 'openid offline_access' }));
    expect(server.codes[0]?.family.user?.offline).toBe(true);
  });

  it('begins what is over with its one token, where the integration does not refresh', async () => {
    const app = webApp(['issues:read'], { grantTypes: ['authorization_code'] });
    const server = await serverOf(app);
    await server.grant(await validated(app.integration));
    expect(server.codes[0]?.family.expiresAt).toBe(at(60 + settings.tokenLifetimeSeconds));
  });
});

describe('the legacy flow', () => {
  const app = webApp(['issues:read'], { grantTypes: ['implicit', 'refresh_token'] });
  const ask = (response_type: string, changes: Parameters = {}) =>
    validated(app.integration, { response_type, nonce: 'n', ...changes }, { settings: { legacyGrants: ['implicit'] } });

  it('answers a token that lives by its family, though its client proved nothing, and no refresh token', async () => {
    const server = await serverOf(app);
    const answer = await server.grant(await ask('token'));
    expect(Object.keys(answer).sort()).toEqual(['access_token', 'expires_in', 'iss', 'scope', 'state', 'token_type']);
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: '3600', scope: 'openid issues:read' });
    const claims = decodeJwt<{ fam: string }>(answer.access_token ?? '');
    expect(claims).toMatchObject({ cred: 'none', sub: server.user.id, sid: server.session.id });
    expect(await tokenStatus(server.status, answer.access_token ?? '')).toMatchObject({ active: true });
    await server.ports.families.revoke(app.integration.tenant, claims.fam, at(0));
    expect(await tokenStatus(server.status, answer.access_token ?? '')).toMatchObject({ active: false });
    expect(server.codes).toEqual([]);
  });

  it('answers an ID token that is bound to the request, and to the access token beside it', async () => {
    const server = await serverOf(app);
    const both = await server.grant(await ask('id_token token'));
    expect(decodeJwt(both.id_token ?? '')).toMatchObject({ nonce: 'n', at_hash: expect.any(String) });
    const alone = await server.grant(await ask('id_token'));
    expect(alone).not.toHaveProperty('access_token');
    expect(decodeJwt(alone.id_token ?? '')).not.toHaveProperty('at_hash');
  });

  it('says who the user is in the ID token itself, where no access token could ask', async () => {
    const server = await serverOf(app);
    const scope = { scope: 'openid profile email' };
    const alone = await server.grant(await ask('id_token', scope));
    expect(decodeJwt(alone.id_token ?? '')).toMatchObject({ preferred_username: 'ada', email: 'ada@example.com' });
    const both = await server.grant(await ask('id_token token', scope));
    expect(decodeJwt(both.id_token ?? '')).not.toHaveProperty('email');
  });

  it('leaves a warning in the audit log each time, and no token in it', async () => {
    const server = await serverOf(app);
    const { access_token } = await server.grant(await ask('token'));
    expect(server.events).toMatchObject([
      {
        action: 'authorization.legacy_flow',
        actor: server.user.id,
        object: app.integration.clientId,
        requestId: source.requestId,
        address: source.address,
        changes: { warning: expect.any(String), response_type: 'token' },
      },
    ]);
    expect(JSON.stringify(server.events)).not.toContain(access_token);
  });

  it('posts its answer where that was asked for', async () => {
    const server = await serverOf(app);
    expect(await server.grant(await ask('token', { response_mode: 'form_post' }))).toHaveProperty('access_token');
  });
});
