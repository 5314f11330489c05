import { createHash, randomBytes } from 'node:crypto';
import { deploymentInMemory } from '../../../../src/adapters/memory/deployment.ts';
import type { RightName } from '../../../../src/api/rights.ts';
import type { Consent } from '../../../../src/entities/consent.ts';
import type { Holdings } from '../../../../src/entities/holdings.ts';
import { newId, newUserId } from '../../../../src/entities/identifiers.ts';
import type { Integration } from '../../../../src/entities/integration.ts';
import type { Session } from '../../../../src/entities/session.ts';
import type { SigningKey } from '../../../../src/entities/signing-key.ts';
import type { User } from '../../../../src/entities/user.ts';
import { RedirectableError, UnsafeAuthorizationRequest } from '../../../../src/oauth/authorization/refusals.ts';
import type {
  Arrival,
  AuthorizationRequest,
  AuthorizationSettings,
} from '../../../../src/oauth/authorization/request.ts';
import { validateAuthorizationRequest } from '../../../../src/oauth/authorization/validate.ts';
import { formOfValues } from '../../../../src/oauth/form.ts';
import { adminUrl, apiUrl, issuer, registered } from '../authorization-server.ts';

export const now = Date.parse('2026-11-21T12:00:00.000Z');
export const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();

export const redirectUri = 'https://app.example/callback';

/** A web app that acts for users and holds `rights`. */
export function webApp(rights: readonly RightName[] = ['issues:read'], changes: Partial<Integration> = {}) {
  return registered(rights, {
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: [redirectUri],
    ...changes,
  });
}

/** An app on its user's own machine, which can keep no secret. */
export function nativeApp(rights: readonly RightName[] = ['issues:read'], changes: Partial<Integration> = {}) {
  return webApp(rights, {
    tokenEndpointAuthMethod: 'none',
    applicationType: 'native',
    redirectUris: ['http://127.0.0.1/callback', 'com.example.app:/callback'],
    secrets: [],
    ...changes,
  });
}

/** What a request of the legacy flow says instead of what one for a code does. */
export const implicit = { response_type: 'token', code_challenge: undefined, code_challenge_method: undefined };

/** These rights in one project, as `authorization_details`. */
export function detailsOf(...actions: readonly string[]): string {
  return JSON.stringify([{ type: 'project', identifier: 'PRJ', actions }]);
}

export const settings: AuthorizationSettings = {
  issuer,
  tokenLifetimeSeconds: 3600,
  refreshTokenLifetimeSeconds: 86_400,
  legacyGrants: [],
  dpop: false,
};

const apis = [
  { name: 'admin', url: adminUrl },
  { name: 'api', url: apiUrl },
];

export const codeVerifier = randomBytes(32).toString('base64url');
const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');

/** Parameters by name; several values where a parameter is given more than once, undefined where it is left out. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request that nothing is wrong with, but for `changes`. */
export function parametersOf({ clientId, redirectUris }: Integration, changes: Parameters = {}): Parameters {
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUris[0],
    scope: 'openid issues:read',
    state: 'a state',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...changes,
  };
}

export function formOf(parameters: Parameters) {
  const values = Object.entries(parameters).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]);
  return formOfValues(Object.fromEntries(values));
}

/** What is done differently from a plain request of a deployment without options. */
export interface Circumstances {
  readonly settings?: Partial<AuthorizationSettings>;
  readonly arrival?: Arrival;
  /** The deployment's signing keys. */
  readonly keys?: readonly SigningKey[];
}

/** Validates a request of the integration that differs from one without fault by `changes`. */
export function validated(
  integration: Integration,
  changes: Parameters = {},
  { settings: chosen, arrival = 'direct', keys = [] }: Circumstances = {},
): Promise<AuthorizationRequest> {
  const integrations = {
    get: async (tenant: string, clientId: string) =>
      tenant === integration.tenant && clientId === integration.clientId ? integration : undefined,
  };
  return validateAuthorizationRequest(
    { form: formOf(parametersOf(integration, changes)), arrival },
    { ...settings, ...chosen },
    { integrations, deployment: deploymentInMemory({ keys, apis }) },
  );
}

/** How a request is refused: its error's code and, where the client is told, by way of where. */
export async function refusalOf(validation: Promise<unknown>): Promise<{
  readonly code: string;
  readonly told: 'the user' | RedirectableError['recipient'];
}> {
  try {
    await validation;
  } catch (error) {
    if (error instanceof UnsafeAuthorizationRequest) return { code: error.error.code, told: 'the user' };
    if (error instanceof RedirectableError) return { code: error.error.code, told: error.recipient };
    throw error;
  }
  throw new Error('the request passed');
}

export function userOf({ tenant }: Integration, changes: Partial<User> = {}): User {
  return {
    tenant,
    id: newUserId(randomBytes),
    username: 'ada',
    email: 'ada@example.com',
    name: 'Ada',
    roles: ['member'],
    status: 'active',
    tokenGeneration: 0,
    version: 1,
    createdAt: at(-1_000_000),
    ...changes,
  };
}

/** A session that began 100 seconds ago. */
export function sessionOf({ tenant, id, tokenGeneration }: User, changes: Partial<Session> = {}): Session {
  return {
    tenant,
    userId: id,
    id: newId('ses', randomBytes),
    secretHash: 'x',
    userGeneration: tokenGeneration,
    authenticatedAt: at(-100),
    methods: ['pwd'],
    createdAt: at(-100),
    expiresAt: at(10_000),
    ...changes,
  };
}

export function consentOf(
  { tenant, id }: User,
  { clientId }: Integration,
  scopes: readonly string[] = ['openid'],
  rights: Holdings = { global: ['issues:read'], byProject: {} },
): Consent {
  return {
    tenant,
    userId: id,
    clientId,
    id: newId('cns', randomBytes),
    scopes,
    rights,
    createdAt: at(-1000),
    updatedAt: at(-1000),
  };
}
