import { type AuditEventStore, auditEvent, type Origin } from '../../entities/audit-event.ts';
import type { DeploymentReader } from '../../entities/deployment.ts';
import type { RandomBytes } from '../../entities/identifiers.ts';
import type { FamilyDraft, TokenFamilyStore } from '../../entities/token-family.ts';
import type { Clock, JwtSigner, RandomUuid } from '../../ports.ts';
import { issueAccessToken } from '../access-token/issue.ts';
import { publicClientCredential } from '../client-authentication/none.ts';
import { issueIdToken } from '../id-token.ts';
import { audienceOf } from '../token-rights.ts';
import { userClaims } from '../user-claims.ts';
import type { Authorized } from './next-step.ts';
import type { AuthorizationRequest, AuthorizationSettings } from './request.ts';

/** What the legacy flow works with besides. */
export interface ImplicitPorts {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly randomUuid: RandomUuid;
  readonly deployment: DeploymentReader;
  readonly signer: JwtSigner;
  /** Signs with RS256 whatever access tokens are signed with (OIDC Discovery §3). */
  readonly idTokenSigner: JwtSigner;
  readonly families: Pick<TokenFamilyStore, 'create'>;
  readonly auditEvents: Pick<AuditEventStore, 'append'>;
}

/**
 * The legacy flow: tokens in the answer itself (RFC 6749 §4.2.2, OIDC Core §3.2.2.5), for which no client has proved
 * anything, and a warning in the audit log each time. There is no refresh token.
 *
 * @returns the parameters of the answer
 * @throws DependencyUnavailable
 */
export async function grantImplicitly(
  { integration, responseType, nonce, keyThumbprint }: AuthorizationRequest,
  { user, given }: Authorized,
  draft: FamilyDraft,
  origin: Origin,
  settings: AuthorizationSettings,
  ports: ImplicitPorts,
): Promise<Readonly<Record<string, string>>> {
  const family = { ...draft, credential: publicClientCredential };
  const { apis } = await ports.deployment.current();
  const types = responseType.split(' ');
  const openid = given.scopes.includes('openid') ? settings.issuer : undefined;
  const rights = { ...given.rights, audience: audienceOf(given.rights, given.resources, apis, { openid }) };
  const issuance = { integration, credential: family.credential, rights, family, scopes: given.scopes, keyThumbprint };
  const token = types.includes('token') ? await issueAccessToken(issuance, settings, ports) : undefined;
  const idToken =
    types.includes('id_token') && family.user !== undefined
      ? await issueIdToken(
          {
            clientId: integration.clientId,
            user: family.user,
            nonce,
            accessToken: token?.access_token,
            // OIDC Core §5.4: without an access token nothing else would tell.
            userClaims: token === undefined ? userClaims(user, given.scopes) : undefined,
          },
          settings,
          ports,
        )
      : undefined;
  await ports.families.create(family);
  await ports.auditEvents.append(
    auditEvent(
      {
        tenant: integration.tenant,
        action: 'authorization.legacy_flow',
        object: integration.clientId,
        changes: { warning: 'tokens were handed out in a URL', response_type: responseType },
      },
      origin,
      ports.clock.now(),
      ports.randomBytes,
    ),
  );
  return {
    ...(token && {
      access_token: token.access_token,
      token_type: token.token_type,
      expires_in: String(token.expires_in),
      ...(token.scope !== undefined && { scope: token.scope }),
      ...(token.authorization_details && { authorization_details: JSON.stringify(token.authorization_details) }),
    }),
    ...(idToken !== undefined && { id_token: idToken }),
  };
}
