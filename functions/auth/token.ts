import { KMSClient } from '@aws-sdk/client-kms';
import { kmsJwtSigner } from '../../src/adapters/kms/jwt-signer.ts';
import { parseSigningAlgorithm } from '../../src/entities/signing-key.ts';
import { environment } from '../../src/environment.ts';
import type { TokenSettings } from '../../src/oauth/grants/grant.ts';
import { exchangeToken, type TokenEndpointPorts } from '../../src/oauth/token-endpoint.ts';
import { authentication, deployment } from '../shared/clients.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { clientOptions, once, randomUuid, variable } from '../shared/services.ts';

const settings = once(
  (): TokenSettings => ({
    issuer: variable(environment.issuer),
    tokenLifetimeSeconds: Number(variable(environment.tokenLifetimeSeconds)),
  }),
);

const ports = once(
  (): TokenEndpointPorts => ({
    ...authentication(),
    randomUuid,
    deployment: deployment(),
    signer: kmsJwtSigner({
      kms: new KMSClient(clientOptions),
      deployment: deployment(),
      algorithm: parseSigningAlgorithm(variable(environment.signingAlgorithm)),
    }),
  }),
);

export const handler = protocolEndpoint('token', async (call) => ({
  body: await exchangeToken(call, settings(), ports()),
}));
