import type { FamilyDraft, RefreshState, TokenFamily } from '../../entities/token-family.ts';
import { publicClientCredential } from '../client-authentication/none.ts';
import { InvalidGrant } from '../errors.ts';
import { newFamilySecret, refreshTokenOf, sealedSecret } from '../refresh-token.ts';
import { familyAccess, signedTokens } from './family-tokens.ts';
import type { GrantRequest, TokenAnswer } from './grant.ts';

/** The grant type of refresh tokens: an integration is given them where it has it. */
export const refreshTokenGrantType = 'refresh_token';

/**
 * Begins a token family, the one way for every grant: what it hangs on is read and its rights are decided again, its
 * tokens are signed, and then it is written. Where KMS fails nothing was written, and nothing that may be used once is
 * spent.
 *
 * @param draft as it was decided on when the user agreed
 * @param keep writes the family, in one transaction with what it uses up; throws where that was used up before
 * @throws InvalidGrant user, session or consent are gone, or the request does not prove the key that the draft names
 * @throws OAuthError, DependencyUnavailable
 */
export async function beginFamily(
  request: GrantRequest,
  draft: FamilyDraft,
  keep: (family: TokenFamily) => Promise<void>,
): Promise<TokenAnswer> {
  const { client, keyThumbprint } = request;
  if (draft.keyThumbprint !== undefined && draft.keyThumbprint !== keyThumbprint)
    throw new InvalidGrant('not bound to the key of the authorization request');
  const access = await familyAccess(request, draft, { mayOutliveSession: false });
  const family: TokenFamily = {
    ...draft,
    credential: client.credential,
    keyThumbprint: boundKey(request),
  };
  const [tokens, refresh] = await Promise.all([
    signedTokens(request, family, access, draft.nonce),
    client.integration.grantTypes.includes(refreshTokenGrantType) ? newRefresh(request, family) : undefined,
  ]);
  await keep({ ...family, refresh: refresh?.state });
  return { ...tokens, ...(refresh && { refresh_token: refresh.token }) };
}

/**
 * The key that a family is bound to with this request (RFC 9449 §5): what a public client proves. A confidential client's
 * refresh tokens are bound to its credentials, and it may change its key.
 */
export function boundKey({ client, keyThumbprint }: GrantRequest): string | undefined {
  return client.credential === publicClientCredential ? keyThumbprint : undefined;
}

/** A family's first refresh token, and what the family keeps to know it by. */
async function newRefresh(
  { client, settings, ports }: GrantRequest,
  family: TokenFamily,
): Promise<{ readonly token: string; readonly state: RefreshState }> {
  const secret = newFamilySecret(ports.randomBytes);
  const state: RefreshState = {
    generation: client.integration.tokenGeneration,
    ciphertext: await sealedSecret(secret, family, ports.protector),
    rotations: 0,
    idleExpiresAt: new Date(ports.clock.now() + settings.refreshTokenIdleSeconds * 1000).toISOString(),
  };
  return { token: refreshTokenOf(family, secret, state.rotations), state };
}
