import { dpopProofs } from '../../src/adapters/dynamodb/dpop-proof.ts';
import { livenessReader } from '../../src/adapters/dynamodb/liveness.ts';
import { createAccessTokenVerifier } from '../../src/oauth/access-token/verifier.ts';
import { type UserinfoPorts, userinfo } from '../../src/oauth/userinfo-endpoint.ts';
import { once } from '../../src/once.ts';
import { keyRing } from '../shared/presented-tokens.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { serverSettings } from '../shared/server-settings.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const ports = once((): UserinfoPorts => {
  const { issuer, dpop } = serverSettings();
  const keys = keyRing();
  const verifier = createAccessTokenVerifier({ keys, clock, issuer, audience: issuer });
  return {
    status: { verifier, keys, liveness: livenessReader(table()), clock },
    possession: dpop ? { proofs: dpopProofs(table(), randomBytes), clock } : undefined,
  };
});

export const handler = protocolEndpoint('userinfo', async (call) => ({
  body: await userinfo(call, serverSettings().issuer, ports()),
}));
