import { revokedTokens } from '../../src/adapters/dynamodb/revoked-token.ts';
import { environment } from '../../src/environment.ts';
import { type RevocationPorts, revoke } from '../../src/oauth/revocation-endpoint.ts';
import { once } from '../../src/once.ts';
import { authentication } from '../shared/clients.ts';
import { tokenVerifier } from '../shared/presented-tokens.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { refreshTokens } from '../shared/refresh-tokens.ts';
import { variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const ports = once(
  (): RevocationPorts => ({
    ...authentication(),
    ...refreshTokens(),
    verifier: tokenVerifier(),
    revokedTokens: revokedTokens(table()),
  }),
);

export const handler = protocolEndpoint('revoke', async (call) => {
  await revoke(call, variable(environment.issuer), ports());
  return {};
});
