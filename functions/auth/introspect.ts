import { livenessReader } from '../../src/adapters/dynamodb/liveness.ts';
import { projects } from '../../src/adapters/dynamodb/project.ts';
import { environment } from '../../src/environment.ts';
import { type IntrospectionPorts, introspect } from '../../src/oauth/introspection-endpoint.ts';
import { once } from '../../src/once.ts';
import { authentication } from '../shared/clients.ts';
import { keyRing, tokenVerifier } from '../shared/presented-tokens.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { refreshTokens } from '../shared/refresh-tokens.ts';
import { clock, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const ports = once(
  (): IntrospectionPorts => ({
    ...authentication(),
    ...refreshTokens(),
    status: { verifier: tokenVerifier(), keys: keyRing(), liveness: livenessReader(table()), clock },
    projects: projects(table()),
  }),
);

export const handler = protocolEndpoint('introspect', async (call) => ({
  body: await introspect(call, variable(environment.issuer), ports()),
}));
