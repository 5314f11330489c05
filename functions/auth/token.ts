import { KMSClient } from '@aws-sdk/client-kms';
import { authorizationCodes } from '../../src/adapters/dynamodb/authorization-code.ts';
import { clientReader } from '../../src/adapters/dynamodb/client-reader.ts';
import { cursorKeyReader } from '../../src/adapters/dynamodb/cursor-key.ts';
import { deviceAuthorizations } from '../../src/adapters/dynamodb/device-authorization.ts';
import { dpopProofs } from '../../src/adapters/dynamodb/dpop-proof.ts';
import { livenessReader } from '../../src/adapters/dynamodb/liveness.ts';
import { tokenFamilies } from '../../src/adapters/dynamodb/token-family.ts';
import { kmsJwtSigner } from '../../src/adapters/kms/jwt-signer.ts';
import { kmsSecretProtector } from '../../src/adapters/kms/secret-protector.ts';
import { idTokenAlgorithm, parseSigningAlgorithm } from '../../src/entities/signing-key.ts';
import { environment } from '../../src/environment.ts';
import { dpopNonces } from '../../src/oauth/dpop/nonces.ts';
import type { ProtocolRequest } from '../../src/oauth/form.ts';
import { isOffered, type TokenSettings } from '../../src/oauth/grants/grant.ts';
import { password } from '../../src/oauth/grants/password.ts';
import { exchangeToken, type TokenEndpointPorts } from '../../src/oauth/token-endpoint.ts';
import { once } from '../../src/once.ts';
import { authentication, deployment } from '../shared/clients.ts';
import { noteCredentialUse } from '../shared/credential-use.ts';
import { passwordPorts } from '../shared/password-check.ts';
import { pause } from '../shared/pause.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { serverSettings } from '../shared/server-settings.ts';
import { clientOptions, clock, randomBytes, randomUuid, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const settings = once(
  (): TokenSettings => ({
    ...serverSettings(),
    tokenLifetimeSeconds: Number(variable(environment.tokenLifetimeSeconds)),
    refreshTokenLifetimeSeconds: Number(variable(environment.refreshTokenLifetimeSeconds)),
    refreshTokenIdleSeconds: Number(variable(environment.refreshTokenIdleSeconds)),
  }),
);

const ports = once((): TokenEndpointPorts => {
  const kms = new KMSClient(clientOptions);
  const algorithm = parseSigningAlgorithm(variable(environment.signingAlgorithm));
  return {
    ...authentication(),
    integrations: clientReader(table(), deployment(), { uses: true }),
    noteUse: noteCredentialUse,
    randomUuid,
    randomBytes,
    deployment: deployment(),
    signer: kmsJwtSigner({ kms, deployment: deployment(), algorithm }),
    idTokenSigner: kmsJwtSigner({ kms, deployment: deployment(), algorithm: idTokenAlgorithm }),
    protector: kmsSecretProtector(kms, variable(environment.secretKeyArn)),
    families: tokenFamilies(table()),
    codes: authorizationCodes(table()),
    devices: deviceAuthorizations(table(), pause),
    ...(isOffered(password, settings()) && { passwords: passwordPorts() }),
    liveness: livenessReader(table()),
    dpop: { proofs: dpopProofs(table(), randomBytes), nonces: dpopNonces(cursorKeyReader(table()), clock) },
  };
});

/** A client that proves its key is given the nonce for its next proof with each answer (RFC 9449 §8.2). */
async function nextNonce({ dpop: sent = [] }: ProtocolRequest): Promise<Record<string, string>> {
  return settings().dpop && sent.length > 0 ? { 'DPoP-Nonce': await ports().dpop.nonces.current() } : {};
}

export const handler = protocolEndpoint('token', async (call) => ({
  body: await exchangeToken(call, settings(), ports()),
  headers: await nextNonce(call),
}));
