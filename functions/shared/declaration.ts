import * as z from 'zod/mini';
import type { Declaration } from '../../src/deployment/bootstrap.ts';
import type { SigningAlgorithm } from '../../src/entities/signing-key.ts';
import type { DeclaredKey } from '../../src/entities/signing-key-life.ts';
import { environment } from '../../src/environment.ts';
import { variable } from './services.ts';

const algorithm = z.enum(['RS256', 'ES256', 'EdDSA']);
const declaredKeys = z.array(
  z.object({ name: z.string(), algorithm, keyArn: z.string(), state: z.optional(z.literal('revoked')) }),
);
const resourceServers = z.record(z.string(), z.string());

/** The signing keys that the stage declares, in the order in which they were added. */
export function declaredSigningKeys(): readonly DeclaredKey[] {
  return z.parse(declaredKeys, JSON.parse(variable(environment.signingKeys)));
}

/** What access tokens are signed with. */
export function signingAlgorithm(): SigningAlgorithm {
  return z.parse(algorithm, variable(environment.signingAlgorithm));
}

/** What the stage declares, as the constructs wrote it into the environment. */
export function declaration(): Declaration {
  const others = z.parse(resourceServers, JSON.parse(variable(environment.resourceServers)));
  return {
    keys: declaredSigningKeys(),
    signingAlgorithm: signingAlgorithm(),
    apis: [
      { name: 'admin', url: variable(environment.adminUrl) },
      { name: 'api', url: variable(environment.apiUrl) },
      ...Object.entries(others).map(([name, url]) => ({ name, url })),
    ],
  };
}
