import type { SigningKey } from '../../../entities/signing-key.ts';
import { verifiedIdTokenHint } from '../../id-token-hint.ts';
import type { CheckedRequest } from '../request.ts';

/**
 * The user that the client was told of before (OIDC Core §3.1.2.1). What is no ID token of ours, or another client's,
 * hints at nobody.
 */
export async function hintedUser(
  { form, integration, settings }: CheckedRequest,
  keys: readonly SigningKey[],
): Promise<string | undefined> {
  const idToken = form.get('id_token_hint');
  if (idToken === undefined) return undefined;
  const hint = await verifiedIdTokenHint(idToken, settings.issuer, keys);
  return hint?.clientIds.includes(integration.clientId) ? hint.userId : undefined;
}
