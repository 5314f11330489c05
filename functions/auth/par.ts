import { dpopProofs } from '../../src/adapters/dynamodb/dpop-proof.ts';
import { pushedRequests } from '../../src/adapters/dynamodb/pushed-request.ts';
import { type PushPorts, pushAuthorizationRequest } from '../../src/oauth/authorization/pushed-request.ts';
import { once } from '../../src/once.ts';
import { authorizationSettings } from '../shared/authorization-settings.ts';
import { authentication, deployment } from '../shared/clients.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const ports = once(
  (): PushPorts => ({
    ...authentication(),
    randomBytes,
    deployment: deployment(),
    pushedRequests: pushedRequests(table(), randomBytes),
    proofs: dpopProofs(table(), randomBytes),
  }),
);

export const handler = protocolEndpoint('pushAuthorizationRequest', async (call) => ({
  body: await pushAuthorizationRequest(call, authorizationSettings(), ports()),
}));
