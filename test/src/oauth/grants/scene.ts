import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import type { AuthorizationCode } from '../../../../src/entities/authorization-code.ts';
import type { Consent } from '../../../../src/entities/consent.ts';
import { newId, newUserId, randomText } from '../../../../src/entities/identifiers.ts';
import type { Integration } from '../../../../src/entities/integration.ts';
import { hashOf } from '../../../../src/entities/recognizable-secret.ts';
import type { Session } from '../../../../src/entities/session.ts';
import type { FamilyDraft } from '../../../../src/entities/token-family.ts';
import type { User } from '../../../../src/entities/user.ts';
import type { TokenAnswer } from '../../../../src/oauth/grants/grant.ts';
import { exchangeToken } from '../../../../src/oauth/token-endpoint.ts';
import {
  authorizationServer,
  credentialsOf,
  formRequest,
  type Registered,
  registered,
  settings,
} from '../authorization-server.ts';

export const redirectUri = 'https://app.example/callback';
const createdAt = '2026-11-21T10:00:00.000Z';
const rights = ['issues:read', 'issues:write', 'users:read'] as const;

/** An integration that acts for users. */
export const appOf = (changes: Partial<Integration> = {}): Registered =>
  registered([...rights], {
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: [redirectUri],
    ...changes,
  });

/** A public client: `client_id` is all that it sends. */
export const publicAppOf = (changes: Partial<Integration> = {}): Registered =>
  appOf({ tokenEndpointAuthMethod: 'none', secrets: [], ...changes });

/** What a browser of the user's has reached: signed in, and the app agreed to. */
export interface Reached {
  readonly user: User;
  readonly session: Session;
  readonly consent: Consent;
}

export function reachedBy({ integration: { tenant, clientId } }: Registered): Reached {
  const user: User = {
    tenant,
    id: newUserId(randomBytes),
    username: 'ada',
    email: 'ada@example.com',
    name: 'Ada Lovelace',
    roles: ['administrator'],
    status: 'active',
    tokenGeneration: 2,
    version: 1,
    createdAt,
  };
  const session: Session = {
    tenant,
    userId: user.id,
    id: newId('ses', randomBytes),
    secretHash: '',
    userGeneration: user.tokenGeneration,
    authenticatedAt: '2026-11-21T11:58:00.000Z',
    methods: ['pwd', 'otp'],
    createdAt,
    expiresAt: '2026-11-22T10:00:00.000Z',
  };
  const consent: Consent = {
    tenant,
    userId: user.id,
    clientId,
    id: newId('cns', randomBytes),
    scopes: ['openid'],
    rights: { global: [...rights], byProject: {} },
    createdAt,
    updatedAt: createdAt,
  };
  return { user, session, consent };
}

/** What a code's redemption begins. */
export function draftOf(
  { integration }: Registered,
  { user, session, consent }: Reached,
  changes: Partial<FamilyDraft> = {},
) {
  return {
    tenant: integration.tenant,
    id: newId('fam', randomBytes),
    clientId: integration.clientId,
    grantType: 'authorization_code',
    user: {
      id: user.id,
      generation: user.tokenGeneration,
      sessionId: session.id,
      offline: false,
      consentId: consent.id,
      authenticatedAt: session.authenticatedAt,
      methods: session.methods,
    },
    operator: false,
    scopes: ['openid'],
    rights: { global: ['issues:write', 'users:read'], byProject: {} },
    resources: [],
    nonce: 'n-0S6_WzA2Mj',
    createdAt,
    expiresAt: '2026-12-21T12:00:00.000Z',
    ...changes,
  } satisfies FamilyDraft;
}

/** A code as the authorization endpoint keeps it, its text, and the verifier that its challenge was made from. */
export function newCode(app: Registered, family: FamilyDraft, changes: Partial<AuthorizationCode> = {}) {
  const text = randomText(randomBytes, 43);
  const verifier = randomText(randomBytes, 43);
  const code: AuthorizationCode = {
    tenant: app.integration.tenant,
    hash: hashOf(text),
    clientId: app.integration.clientId,
    redirectUri,
    codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
    expiresAt: '2026-11-21T12:01:00.000Z',
    family,
    ...changes,
  };
  const parameters = {
    grant_type: 'authorization_code',
    code: text,
    redirect_uri: code.redirectUri,
    code_verifier: verifier,
  };
  return { code, parameters };
}

/** A server in memory with one app, and a user who agreed to it. */
export async function grantScene(app: Registered = appOf()) {
  const server = await authorizationServer(app);
  const reached = reachedBy(app);
  const { user, session, consent } = reached;
  server.users.set(user.id, user);
  server.sessions.set(session.id, session);
  server.consents.set(`${user.id} ${app.integration.clientId}`, consent);

  const credentials = (who: Registered) =>
    who.integration.tokenEndpointAuthMethod === 'none' ? { client_id: who.integration.clientId } : credentialsOf(who);
  /** The answer, or the code of the error. */
  const ask = async (parameters: Readonly<Record<string, string>>, who: Registered = app) => {
    try {
      const request = formRequest({ ...credentials(who), ...parameters });
      return { answer: await exchangeToken(request, settings, server.ports) };
    } catch (error) {
      return { error: (error as { readonly code?: string }).code ?? String(error) };
    }
  };
  const errorOf = async (parameters: Readonly<Record<string, string>>, who?: Registered) =>
    (await ask(parameters, who)).error ?? 'issued';
  const issued = async (parameters: Readonly<Record<string, string>>, who?: Registered): Promise<TokenAnswer> => {
    const { answer, error } = await ask(parameters, who);
    expect(error).toBeUndefined();
    return answer as TokenAnswer;
  };
  /** A code that is kept. */
  const code = async (family: Partial<FamilyDraft> = {}, changes: Partial<AuthorizationCode> = {}) => {
    const made = newCode(app, draftOf(app, reached, family), changes);
    await server.ports.codes.create(made.code);
    return made;
  };
  /** Tokens of a redeemed code. */
  const begun = async (family: Partial<FamilyDraft> = {}) => issued((await code(family)).parameters);
  const refresh = (token: string | undefined, parameters: Readonly<Record<string, string>> = {}) => ({
    grant_type: 'refresh_token',
    refresh_token: token ?? '',
    ...parameters,
  });
  const familyOf = ({ access_token }: TokenAnswer) =>
    server.ports.families.get(app.integration.tenant, String(decodeJwt(access_token).fam));
  return { ...server, app, ...reached, ask, errorOf, issued, code, begun, refresh, familyOf };
}

export type GrantScene = Awaited<ReturnType<typeof grantScene>>;
