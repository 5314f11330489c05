import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { clientAssertionsInMemory } from '../../../src/adapters/memory/client-assertion.ts';
import { deploymentInMemory } from '../../../src/adapters/memory/deployment.ts';
import type { RightName } from '../../../src/api/rights.ts';
import { newClientSecret } from '../../../src/entities/client-secret.ts';
import type { Deployment } from '../../../src/entities/deployment.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import { type Integration, machineOnly } from '../../../src/entities/integration.ts';
import type { LivenessReader } from '../../../src/entities/liveness.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import type { SigningKey } from '../../../src/entities/signing-key.ts';
import { createKeyRing } from '../../../src/oauth/access-token/key-ring.ts';
import { createAccessTokenVerifier } from '../../../src/oauth/access-token/verifier.ts';
import type { ProtocolRequest } from '../../../src/oauth/form.ts';
import type { TokenEndpointPorts } from '../../../src/oauth/token-endpoint.ts';
import { localSigner } from './local-signer.ts';

export const issuer = 'https://auth.example/auth';
export const adminUrl = 'https://admin.example/admin/v1';
export const apiUrl = 'https://api.example/api/v1';
export const settings = { issuer, tokenLifetimeSeconds: 3600 };

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

  const ports: TokenEndpointPorts = {
    clock,
    randomUuid: () => randomUUID(),
    signer: localSigner(privateKey, signingKey.kid),
    deployment: deploymentInMemory(deployment),
    integrations: {
      async get(tenant, clientId) {
        reads.push(clientId);
        const found = integrations.get(clientId);
        return found?.tenant === tenant ? found : undefined;
      },
    },
    assertions: clientAssertionsInMemory(),
  };
  const liveness: LivenessReader = {
    async read({ clientId, tokenId, kid }) {
      const integration = integrations.get(clientId);
      return {
        ...(integration && { integration }),
        revoked: revoked.has(tokenId ?? ''),
        ...(kid !== undefined && { signingKey: signingKey.state }),
      };
    },
  };
  const keys = createKeyRing({ list: async () => deployment.keys }, clock);
  const verifier = createAccessTokenVerifier({ keys, clock, issuer, audience: null });
  return { ports, time, integrations, revoked, reads, signingKey, verifier, status: { keys, verifier, liveness } };
}

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
