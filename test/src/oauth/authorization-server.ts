import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { authorizationCodesInMemory } from '../../../src/adapters/memory/authorization-code.ts';
import { clientAssertionsInMemory } from '../../../src/adapters/memory/client-assertion.ts';
import { deploymentInMemory } from '../../../src/adapters/memory/deployment.ts';
import { deviceAuthorizationsInMemory } from '../../../src/adapters/memory/device-authorization.ts';
import { dpopProofsInMemory } from '../../../src/adapters/memory/dpop-proof.ts';
import { tokenFamiliesInMemory } from '../../../src/adapters/memory/token-family.ts';
import type { RightName } from '../../../src/api/rights.ts';
import { newClientSecret } from '../../../src/entities/client-secret.ts';
import type { Consent } from '../../../src/entities/consent.ts';
import type { Deployment } from '../../../src/entities/deployment.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import { type Integration, machineOnly } from '../../../src/entities/integration.ts';
import type { LivenessReader } from '../../../src/entities/liveness.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import type { RefusedProof } from '../../../src/entities/refusal-log.ts';
import type { Session } from '../../../src/entities/session.ts';
import type { SigningKey } from '../../../src/entities/signing-key.ts';
import type { User } from '../../../src/entities/user.ts';
import { createKeyRing } from '../../../src/oauth/access-token/key-ring.ts';
import { createAccessTokenVerifier } from '../../../src/oauth/access-token/verifier.ts';
import { dpopNonces } from '../../../src/oauth/dpop/nonces.ts';
import type { ProtocolRequest } from '../../../src/oauth/form.ts';
import type { TokenEndpointPorts } from '../../../src/oauth/token-endpoint.ts';
import type { SecretProtector } from '../../../src/ports.ts';
import { source } from '../entities/origin.ts';
import { localSigner } from './local-signer.ts';

export const issuer = 'https://auth.example/auth';
export const adminUrl = 'https://admin.example/admin/v1';
export const apiUrl = 'https://api.example/api/v1';
export const settings = {
  issuer,
  tokenLifetimeSeconds: 3600,
  legacyGrants: [],
  dpop: false,
  refreshTokenLifetimeSeconds: 2_592_000,
  refreshTokenIdleSeconds: 604_800,
};

/** An integration and the secret that authenticates it. */
export interface Registered {
  readonly integration: Integration;
  readonly secret: string;
}

export const operatorTenant = newTenantId(randomBytes);

/** An active integration that holds `rights`. */
export function registered(rights: readonly RightName[], changes: Partial<Integration> = {}): Registered {
  const secret = newClientSecret(randomBytes);
  const createdAt = '2026-11-21T10:00:00.000Z';
  const tenant = changes.tenant ?? operatorTenant;
  return {
    secret,
    integration: {
      tenant,
      clientId: newClientId(tenant, randomBytes),
      name: 'Billing sync',
      status: 'active',
      owner: 'usr_1',
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      jwks: [],
      ...machineOnly,
      rights: Object.fromEntries(rights.map((right) => [right, { state: 'granted', requestedBy: 'usr_1' }])),
      secrets: [{ id: 'sec_1', hash: hashOf(secret), ciphertext: '', lastFour: secret.slice(-4), createdAt }],
      tokenGeneration: 0,
      createdAt,
      version: 1,
      ...changes,
    },
  };
}

/** An authorization server in memory; what stands in `integrations` and `revoked` may be changed while it runs. */
export async function authorizationServer(...known: readonly Registered[]) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicJwk = publicKey.export({ format: 'jwk' });
  const signingKey: SigningKey = {
    kid: await calculateJwkThumbprint(publicJwk as JWK),
    name: 'test',
    algorithm: 'ES256',
    keyArn: 'arn:aws:kms:eu-central-1:123456789012:key/test',
    publicJwk: publicJwk as Readonly<Record<string, string>>,
    state: 'active',
    since: '2026-11-21T10:00:00.000Z',
  };
  const deployment: Deployment = {
    keys: [signingKey],
    apis: [
      { name: 'admin', url: adminUrl },
      { name: 'api', url: apiUrl },
    ],
  };
  const time = { now: Date.parse('2026-11-21T12:00:00.000Z') };
  const clock = { now: () => time.now };
  const integrations = new Map(known.map(({ integration }) => [integration.clientId, integration]));
  const revoked = new Set<string>();
  const reads: string[] = [];
  const uses: { readonly clientId: string; readonly credential: string }[] = [];
  const refusals: (RefusedProof | undefined)[] = [];

  const users = new Map<string, User>();
  const sessions = new Map<string, Session>();
  const consents = new Map<string, Consent>();
  const families = tokenFamiliesInMemory();
  const nonceSecret = randomBytes(32);
  const liveness: LivenessReader = {
    async read({ tenant, clientId, tokenId, kid, familyId, userId, sessionId }) {
      const integration = integrations.get(clientId);
      return {
        ...(integration && { integration }),
        ...(familyId !== undefined && { family: await families.get(tenant, familyId) }),
        ...(userId !== undefined && {
          user: users.get(userId),
          consent: consents.get(`${userId} ${clientId}`),
          ...(sessionId !== undefined && { session: sessions.get(sessionId) }),
        }),
        revoked: revoked.has(tokenId ?? ''),
        ...(kid !== undefined && { signingKey: signingKey.state }),
      };
    },
  };

  const signer = localSigner(privateKey, signingKey.kid);
  const ports: TokenEndpointPorts = {
    clock,
    randomUuid: () => randomUUID(),
    randomBytes,
    signer,
    idTokenSigner: signer,
    protector: contextualProtector,
    families,
    codes: authorizationCodesInMemory(families),
    dpop: { proofs: dpopProofsInMemory(), nonces: dpopNonces({ get: async () => nonceSecret }, clock) },
    devices: deviceAuthorizationsInMemory(families),
    liveness,
    deployment: deploymentInMemory(deployment),
    integrations: {
      async get(tenant, clientId) {
        reads.push(clientId);
        const found = integrations.get(clientId);
        return found?.tenant === tenant ? found : undefined;
      },
    },
    assertions: clientAssertionsInMemory(),
    async noteUse({ clientId }, credential) {
      uses.push({ clientId, credential });
    },
    refusals: {
      async note(refused) {
        refusals.push(refused);
      },
    },
  };
  const keys = createKeyRing({ list: async () => deployment.keys }, clock);
  const verifier = createAccessTokenVerifier({ keys, clock, issuer, audience: null });
  const status = { keys, verifier, liveness, clock };
  return {
    ports,
    time,
    integrations,
    users,
    sessions,
    consents,
    revoked,
    reads,
    uses,
    refusals,
    signingKey,
    verifier,
    status,
  };
}

/** Hands a plaintext back only to whoever names the context that it was given with, as KMS does. */
const contextualProtector: SecretProtector = {
  encrypt: async (plaintext, context) => Buffer.from(JSON.stringify({ plaintext, context })),
  async decrypt(ciphertext, context) {
    const kept = JSON.parse(Buffer.from(ciphertext).toString());
    if (!isDeepStrictEqual(kept.context, context)) throw new Error('another context');
    return kept.plaintext;
  },
};

/** A request of a client that authenticates in the body, unless it says otherwise. */
export function formRequest(
  parameters: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  headers: Partial<ProtocolRequest> = {},
): ProtocolRequest {
  const pairs: [string, string][] = Array.isArray(parameters)
    ? parameters.map(([name, value]) => [name, value])
    : Object.entries(parameters);
  return {
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams(pairs).toString(),
    isBase64Encoded: false,
    source,
    ...headers,
  };
}

/** `client_id` and `client_secret` of the body. */
export function credentialsOf({ integration, secret }: Registered) {
  return { client_id: integration.clientId, client_secret: secret };
}

/** An `Authorization` header. */
export function basicOf(clientId: string, secret: string): string {
  const encoded = [clientId, secret].map((part) => new URLSearchParams([['', part]]).toString().slice(1)).join(':');
  return `Basic ${Buffer.from(encoded).toString('base64')}`;
}
