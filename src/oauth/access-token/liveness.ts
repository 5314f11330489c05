import type { LiveIntegration, LivenessState } from '../../entities/liveness.ts';
import { isTrusted } from '../../entities/signing-key.ts';
import type { TokenFamily } from '../../entities/token-family.ts';
import { publicClientCredential } from '../client-authentication/none.ts';
import { faultOfDelegation } from '../delegation.ts';
import { faultOfFamily } from '../family-standing.ts';
import type { VerifiedToken } from './verifier.ts';

/** What a token that lives hangs on. */
export interface Living {
  readonly integration: LiveIntegration;
  /** Where the token names one. */
  readonly family: TokenFamily | undefined;
}

/** One way to die; a token lives while none of them says why it should not. */
type Check = (token: VerifiedToken, living: Living, state: LivenessState, now: number) => string | undefined;

/** What kills a token that is already out, in the order in which it is reported. */
const checks: readonly Check[] = [
  (_, { integration }) => (integration.status === 'active' ? undefined : 'integration disabled'),
  ({ generation }, { integration }) => (generation >= integration.tokenGeneration ? undefined : 'tokens revoked'),
  credentialStands,
  ownGrantStands,
  familyStands,
  userStands,
];

/**
 * Why a token that verifies is dead all the same, for the log; or what it lives by. The state of its key must have been
 * noted before.
 *
 * @param now milliseconds since the epoch
 */
export function examine(token: VerifiedToken, state: LivenessState, now: number): { readonly fault: string } | Living {
  if (!isTrusted(token.key)) return { fault: 'signing key not trusted' };
  if (state.revoked) return { fault: 'token revoked' };
  if (state.integration === undefined) return { fault: 'integration deleted' };
  const living = { integration: state.integration, family: state.family };
  for (const check of checks) {
    const fault = check(token, living, state, now);
    if (fault !== undefined) return { fault };
  }
  return living;
}

/**
 * A secret that has run out but is still listed does not kill: an overlap ends without breaking what is under way. A
 * public client has nothing that could be revoked; its tokens stand while it is one. In the implicit flow no client
 * proves anything.
 */
function credentialStands(
  { claims }: VerifiedToken,
  { integration: { secrets, jwks, tokenEndpointAuthMethod }, family }: Living,
): string | undefined {
  const needsNone = tokenEndpointAuthMethod === 'none' || family?.grantType === 'implicit';
  const stands =
    secrets.some(({ id }) => id === claims.cred) ||
    jwks.some(({ kid }) => kid === claims.cred) ||
    (claims.cred === publicClientCredential && needsNone);
  return stands ? undefined : 'credential revoked';
}

/** A token without a family came from `client_credentials` (RFC 9068 §2.2), and acts for nobody but its client. */
function ownGrantStands({ claims }: VerifiedToken, { integration }: Living): string | undefined {
  if (claims.fam !== undefined) return undefined;
  if (claims.sub !== claims.client_id) return 'user without a token family';
  return integration.grantTypes.includes('client_credentials') ? undefined : 'grant type removed';
}

/** A family is its client's and its user's alone, and a token of it ends with the session that the family says. */
function familyStands({ claims }: VerifiedToken, { integration, family }: Living): string | undefined {
  if (claims.fam === undefined) return undefined;
  if (family === undefined) return 'token family gone';
  if ((family.user?.id ?? family.clientId) !== claims.sub) return "another user's token family";
  const sessionId = family.user?.offline ? undefined : family.user?.sessionId;
  if (claims.sid !== sessionId) return "another session's token family";
  return faultOfFamily(family, claims.client_id, integration.grantTypes);
}

function userStands({ claims }: VerifiedToken, { family }: Living, state: LivenessState, now: number) {
  return family?.user && faultOfDelegation({ ...family.user, sessionId: claims.sid }, state, now);
}
