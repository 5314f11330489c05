import type { Integration } from '../entities/integration.ts';
import type { RevokedTokenStore } from '../entities/revoked-token.ts';
import type { TokenFamilyStore } from '../entities/token-family.ts';
import type { SecretProtector } from '../ports.ts';
import type { AccessTokenVerifier } from './access-token/verifier.ts';
import { authenticateClient } from './client-authentication/authenticate.ts';
import type { AuthenticationPorts } from './client-authentication/method.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { InvalidRequest } from './errors.ts';
import { type ProtocolRequest, parseForm } from './form.ts';
import { familyOfRefreshToken, type PresentedRefreshToken, parseRefreshToken } from './refresh-token.ts';

/** What revocation works with. */
export interface RevocationPorts extends AuthenticationPorts {
  readonly verifier: AccessTokenVerifier;
  readonly revokedTokens: RevokedTokenStore;
  readonly families: TokenFamilyStore;
  readonly protector: SecretProtector;
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
  // What a token is, it says itself: `token_type_hint` could only be wrong (§2.1).
  const refreshToken = parseRefreshToken(token);
  if (refreshToken === undefined) await revokeAccessToken(token, integration, ports);
  else await revokeFamily(refreshToken, integration, ports);
}

async function revokeAccessToken(token: string, client: Integration, ports: RevocationPorts): Promise<void> {
  const verified = await ports.verifier.verify(token);
  // What is not accepted yet would be accepted later, had it not been revoked.
  const found = 'fault' in verified ? verified.early : verified;
  if (found === undefined) return;
  const { tenant, client_id, jti, exp } = found.claims;
  mustOwn(client, { tenant, clientId: client_id });
  await ports.revokedTokens.revoke({ tenant, tokenId: jti, expiresAt: exp });
}

/**
 * With a refresh token everything ends that descends from the same authorization (§2.1). One that was used before does
 * it too: whoever gives it up may never have been given its successor.
 */
async function revokeFamily(token: PresentedRefreshToken, client: Integration, ports: RevocationPorts): Promise<void> {
  // In another tenant there is no such token.
  if (token.tenant !== client.tenant) return;
  const found = await familyOfRefreshToken(token, ports);
  if (found === undefined) return;
  mustOwn(client, found.family);
  await ports.families.revoke(found.family.tenant, found.family.id, new Date(ports.clock.now()).toISOString());
}

function mustOwn(client: Integration, { tenant, clientId }: Pick<Integration, 'tenant' | 'clientId'>): void {
  if (tenant !== client.tenant || clientId !== client.clientId) throw new InvalidRequest("another client's token");
}
