import type { RevokedTokenStore } from '../entities/revoked-token.ts';
import type { AccessTokenVerifier } from './access-token/verifier.ts';
import { authenticateClient } from './client-authentication/authenticate.ts';
import type { AuthenticationPorts } from './client-authentication/method.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { InvalidRequest } from './errors.ts';
import { type ProtocolRequest, parseForm } from './form.ts';

/** What revocation works with. */
export interface RevocationPorts extends AuthenticationPorts {
  readonly verifier: AccessTokenVerifier;
  readonly revokedTokens: RevokedTokenStore;
}

/**
 * The revocation endpoint (RFC 7009 §2): a token that is none, or none any more, is as good as revoked (§2.2).
 *
 * @throws InvalidRequest another client's token; nothing is revoked
 * @throws OAuthError, DependencyUnavailable
 */
export async function revoke(http: ProtocolRequest, issuer: string, ports: RevocationPorts): Promise<void> {
  const form = parseForm(http);
  const token = form.get('token');
  if (token === undefined) throw new InvalidRequest('no token');
  const endpoint = { issuer, url: endpointUrl(issuer, 'revoke') };
  const { integration } = await authenticateClient({ http, form, endpoint }, ports);
  const verified = await ports.verifier.verify(token);
  // What is not accepted yet would be accepted later, had it not been revoked.
  const found = 'fault' in verified ? verified.early : verified;
  if (found === undefined) return;
  const { tenant, client_id, jti, exp } = found.claims;
  if (tenant !== integration.tenant || client_id !== integration.clientId)
    throw new InvalidRequest("another client's token");
  await ports.revokedTokens.revoke({ tenant, tokenId: jti, expiresAt: exp });
}
