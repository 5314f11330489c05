import { dpopProofs } from '../../src/adapters/dynamodb/dpop-proof.ts';
import { livenessReader } from '../../src/adapters/dynamodb/liveness.ts';
import { tokenUses } from '../../src/adapters/dynamodb/personal-access-token.ts';
import type { RightsRow } from '../../src/api/rights-row.ts';
import { environment } from '../../src/environment.ts';
import type { TokenStatusServices } from '../../src/oauth/access-token/status.ts';
import { createAccessTokenVerifier } from '../../src/oauth/access-token/verifier.ts';
import type { PossessionServices } from '../../src/oauth/dpop/possession.ts';
import { once } from '../../src/once.ts';
import { count } from '../shared/metrics.ts';
import { keyRing } from '../shared/presented-tokens.ts';
import { clock, optionalVariable, randomBytes, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';
import { authorizer } from './authorizer.ts';

/** The rows of the API this authorizer stands before, compiled into the bundle (`rightsRowsIdentifier`). */
declare const LATCHKEY_RIGHTS_ROWS: readonly RightsRow[];

const status = once((): TokenStatusServices => {
  const keys = keyRing();
  const issuer = variable(environment.issuer);
  const audience = variable(environment.audience);
  return {
    keys,
    verifier: createAccessTokenVerifier({ keys, clock, issuer, audience }),
    liveness: livenessReader(table()),
    clock,
  };
});

const possession = once((): PossessionServices => ({ proofs: dpopProofs(table(), randomBytes), clock }));

export const handler = authorizer({
  rows: LATCHKEY_RIGHTS_ROWS,
  status,
  uses: once(() => tokenUses(table())),
  possession: optionalVariable(environment.dpop) === 'on' ? possession : undefined,
  origin: once(() => new URL(variable(environment.audience)).origin),
  count,
});
