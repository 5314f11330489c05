import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { protocolEndpoint } from '../../functions/shared/protocol-endpoint.ts';
import { authorizationCodesInMemory } from '../../src/adapters/memory/authorization-code.ts';
import { clientAssertionsInMemory } from '../../src/adapters/memory/client-assertion.ts';
import { deploymentInMemory } from '../../src/adapters/memory/deployment.ts';
import { deviceAuthorizationsInMemory } from '../../src/adapters/memory/device-authorization.ts';
import { dpopProofsInMemory } from '../../src/adapters/memory/dpop-proof.ts';
import { integrationsInMemory } from '../../src/adapters/memory/integration.ts';
import { livenessInMemory } from '../../src/adapters/memory/liveness.ts';
import { revokedTokensInMemory } from '../../src/adapters/memory/revoked-token.ts';
import { tokenFamiliesInMemory } from '../../src/adapters/memory/token-family.ts';
import { dpopNonces } from '../../src/oauth/dpop/nonces.ts';
import { exchangeToken } from '../../src/oauth/token-endpoint.ts';
import type { JwtSigner, SecretProtector } from '../../src/ports.ts';
import { integration } from '../integration.ts';
import { audience, issuer, lifetimeSeconds } from './client.ts';
import { signedJwt } from './es256.ts';
import { bodyOf, serve } from './serve.ts';

/** The token endpoint as it is deployed, middy and all; its ports in memory, its signer local. */

const integrations = integrationsInMemory(integration);
const families = tokenFamiliesInMemory();
const signer: JwtSigner = { sign: async (header, claims) => signedJwt(header, claims) };
/** Never called: nothing that is measured comes with a refresh token. */
const protector: SecretProtector = {
  encrypt: async (plaintext) => Buffer.from(plaintext),
  decrypt: async (ciphertext) => Buffer.from(ciphertext).toString(),
};

const ports = {
  clock: { now: () => Date.now() },
  randomUuid: () => randomUUID(),
  integrations,
  assertions: clientAssertionsInMemory(),
  deployment: deploymentInMemory({ keys: [], apis: [{ name: 'api', url: audience }] }),
  signer,
  idTokenSigner: signer,
  protector,
  randomBytes,
  families,
  codes: authorizationCodesInMemory(families),
  devices: deviceAuthorizationsInMemory(families),
  dpop: {
    proofs: dpopProofsInMemory(),
    nonces: dpopNonces({ get: async () => new Uint8Array(32) }, { now: () => Date.now() }),
  },
  refusals: { note: async () => {} },
  noteUse: async () => {},
  liveness: livenessInMemory(integrations, revokedTokensInMemory(), { list: async () => [] }),
};
const settings = {
  issuer,
  tokenLifetimeSeconds: lifetimeSeconds,
  legacyGrants: [],
  dpop: false,
  refreshTokenLifetimeSeconds: lifetimeSeconds,
  refreshTokenIdleSeconds: lifetimeSeconds,
};
const handler = protocolEndpoint('token', async (call) => ({ body: await exchangeToken(call, settings, ports) }));

serve(async (request, response) => {
  const { statusCode, headers, body } = await handler(eventOf(request, await bodyOf(request)), {} as never);
  response.writeHead(statusCode, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
});

const requestContext = {
  requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
  identity: { sourceIp: '127.0.0.1' },
} as APIGatewayProxyEvent['requestContext'];

/** The members of API Gateway's event that the endpoint reads. */
function eventOf(request: IncomingMessage, body: string): APIGatewayProxyEvent {
  const event: Partial<APIGatewayProxyEvent> = {
    httpMethod: 'POST',
    resource: '/oauth2/token',
    headers: request.headers as Record<string, string>,
    body,
    isBase64Encoded: false,
    requestContext,
  };
  return event as APIGatewayProxyEvent;
}
