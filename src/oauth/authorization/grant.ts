import { type AuditEventStore, originAt, type RequestSource } from '../../entities/audit-event.ts';
import { type AuthorizationCodeStore, codeLifetimeSeconds } from '../../entities/authorization-code.ts';
import { type RandomBytes, randomText } from '../../entities/identifiers.ts';
import { hashOf } from '../../entities/recognizable-secret.ts';
import type { SessionStore } from '../../entities/session.ts';
import type { FamilyDraft } from '../../entities/token-family.ts';
import type { Clock } from '../../ports.ts';
import { isImplicit } from './checks/response-type.ts';
import { delegatedFamily } from './delegated-family.ts';
import { grantImplicitly, type ImplicitPorts } from './implicit.ts';
import type { Authorized } from './next-step.ts';
import type { AuthorizationRequest, AuthorizationSettings } from './request.ts';
import { type AuthorizationResponse, responseOf } from './response.ts';

/** What an authorization is granted with. */
export interface AuthorizationPorts extends ImplicitPorts {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly codes: Pick<AuthorizationCodeStore, 'create'>;
  readonly sessions: Pick<SessionStore, 'noteClient'>;
  readonly auditEvents: Pick<AuditEventStore, 'append'>;
}

/** 256 bits and more in base 62 (RFC 6749 §10.10). */
const codeLength = 43;

/**
 * Grants what was decided: a code or, in the legacy flow, tokens (RFC 6749 §4.1.2 and §4.2.2). The session notes the
 * client first, so that its end reaches every client that was given anything in it.
 *
 * @param source for the audit log
 * @throws DependencyUnavailable
 */
export async function grantAuthorization(
  request: AuthorizationRequest,
  authorized: Authorized,
  source: RequestSource,
  settings: AuthorizationSettings,
  ports: AuthorizationPorts,
): Promise<AuthorizationResponse> {
  const { integration, recipient, responseType, codeChallenge } = request;
  const { tenant, clientId } = integration;
  const family = familyOf(request, authorized, settings, ports);
  await ports.sessions.noteClient(authorized.session, clientId);
  if (isImplicit(responseType)) {
    const origin = originAt(source, authorized.user.id, { clientId, sessionId: authorized.session.id });
    return responseOf(recipient, await grantImplicitly(request, authorized, family, origin, settings, ports));
  }
  const code = randomText(ports.randomBytes, codeLength);
  await ports.codes.create({
    tenant,
    hash: hashOf(code),
    clientId,
    redirectUri: recipient.redirectUri,
    codeChallenge,
    expiresAt: new Date(ports.clock.now() + codeLifetimeSeconds * 1000).toISOString(),
    family,
  });
  return responseOf(recipient, { code });
}

/** What descends from this authorization. Where nothing is refreshed, it lasts for the code and one access token. */
function familyOf(
  { integration, responseType, nonce, keyThumbprint }: AuthorizationRequest,
  authorized: Authorized,
  settings: AuthorizationSettings,
  ports: AuthorizationPorts,
): FamilyDraft {
  const refreshes = !isImplicit(responseType) && integration.grantTypes.includes('refresh_token');
  const terms = {
    grantType: isImplicit(responseType) ? 'implicit' : 'authorization_code',
    lifetimeSeconds: refreshes
      ? settings.refreshTokenLifetimeSeconds
      : codeLifetimeSeconds + settings.tokenLifetimeSeconds,
  };
  return { ...delegatedFamily(integration, authorized, terms, ports), nonce, keyThumbprint };
}
