import { signingKeys } from '../../src/adapters/dynamodb/deployment.ts';
import { environment } from '../../src/environment.ts';
import { createKeyRing } from '../../src/oauth/access-token/key-ring.ts';
import { createAccessTokenVerifier } from '../../src/oauth/access-token/verifier.ts';
import { once } from '../../src/once.ts';
import { clock, variable } from './services.ts';
import { table } from './table.ts';

/** The public keys that presented tokens are verified with. */
export const keyRing = /* @__PURE__ */ once(() => createKeyRing(signingKeys(table()), clock));

/** Verifies tokens for any API: introspection and revocation look at them, they do not accept them. */
export const tokenVerifier = /* @__PURE__ */ once(() =>
  createAccessTokenVerifier({ keys: keyRing(), clock, issuer: variable(environment.issuer), audience: null }),
);
