import type { LiveIntegration, LivenessState } from '../../entities/liveness.ts';
import { isTrusted } from '../../entities/signing-key.ts';
import type { VerifiedToken } from './verifier.ts';

/** One way to die; a token lives while none of them says why it should not. */
type Check = (token: VerifiedToken, integration: LiveIntegration) => string | undefined;

/** What of the integration kills a token that is already out, in the order it is reported. */
const checks: readonly Check[] = [
  (_, { status }) => (status === 'active' ? undefined : 'integration disabled'),
  ({ generation }, { tokenGeneration }) => (generation >= tokenGeneration ? undefined : 'tokens revoked'),
  credentialStands,
  grantTypeStands,
];

/**
 * Why a token that verifies is dead all the same, for the log; or the integration that it lives by. The state of its key
 * must have been noted before.
 */
export function examine(
  token: VerifiedToken,
  { integration, revoked }: LivenessState,
): { readonly fault: string } | { readonly integration: LiveIntegration } {
  if (!isTrusted(token.key)) return { fault: 'signing key not trusted' };
  if (revoked) return { fault: 'token revoked' };
  if (integration === undefined) return { fault: 'integration deleted' };
  for (const check of checks) {
    const fault = check(token, integration);
    if (fault !== undefined) return { fault };
  }
  return { integration };
}

/** A secret that has run out but is still listed does not kill: an overlap ends without breaking what is under way. */
function credentialStands({ claims }: VerifiedToken, { secrets, jwks }: LiveIntegration): string | undefined {
  const listed = secrets.some(({ id }) => id === claims.cred) || jwks.some(({ kid }) => kid === claims.cred);
  return listed ? undefined : 'credential revoked';
}

/**
 * A token whose subject is its client came from `client_credentials` (RFC 9068 §2.2). One that acts for a user hangs on
 * that user too, whom nothing here reads: it is refused.
 */
function grantTypeStands({ claims }: VerifiedToken, { grantTypes }: LiveIntegration): string | undefined {
  if (claims.sub !== claims.client_id) return 'subject not readable';
  return grantTypes.includes('client_credentials') ? undefined : 'grant type removed';
}
