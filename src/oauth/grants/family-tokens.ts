import type { Holdings } from '../../entities/holdings.ts';
import type { FamilyDraft, TokenFamily } from '../../entities/token-family.ts';
import { issueAccessToken } from '../access-token/issue.ts';
import { InvalidGrant, InvalidScope, InvalidTarget } from '../errors.ts';
import { familyStanding } from '../family-standing.ts';
import { holdsIn, inBoth } from '../holdings.ts';
import { issueIdToken } from '../id-token.ts';
import { isIdentityScope, meaningfulScopes, parseScope } from '../scope.ts';
import { audienceOf, narrowedRights, type TokenRights } from '../token-rights.ts';
import type { GrantRequest, TokenAnswer } from './grant.ts';

/** What one token of a family carries. */
export interface FamilyAccess {
  readonly rights: TokenRights;
  /** `openid`, `profile`, `email`, `offline_access`. */
  readonly scopes: readonly string[];
}

/**
 * What a token of the family may carry now: no more than the family was given, than its integration and its user hold
 * now, and than the request asks for.
 *
 * @param mayOutliveSession whether the session that it came from may have ended: of an offline family, once it has begun
 * @throws InvalidGrant the family is over, or something that it hangs on is gone
 * @throws InvalidScope more than the family was given (RFC 6749 §6), or nothing left to carry
 * @throws InvalidTarget, InvalidAuthorizationDetails likewise
 * @throws DependencyUnavailable
 */
export async function familyAccess(
  { client, form, deployment, settings, ports }: GrantRequest,
  family: FamilyDraft,
  { mayOutliveSession }: { readonly mayOutliveSession: boolean },
): Promise<FamilyAccess> {
  const services = { liveness: ports.liveness, now: ports.clock.now() };
  const standing = await familyStanding(family, client.integration, services, mayOutliveSession);
  if ('fault' in standing) throw new InvalidGrant(standing.fault);
  const requested = form.get('scope');
  const named = requested === undefined ? undefined : parseScope(requested);
  mustNotWiden(named ?? [], form.all('resource'), family);
  const held = inBoth(family.rights, standing.held);
  const scopes = named === undefined ? family.scopes : meaningfulScopes(named, true);
  const resources = form.all('resource');
  const rights = narrowedRights(
    held,
    {
      // What was given and is held no more is left out.
      scope: named?.filter((value) => !isIdentityScope(value) && isHeldSomewhere(held, value)),
      authorizationDetails: form.get('authorization_details'),
      resources,
    },
    deployment.apis,
  );
  const openid = scopes.includes('openid') ? settings.issuer : undefined;
  if (openid === undefined && isEmpty(rights)) throw new InvalidScope('no right to carry');
  const selected = resources.length > 0 ? resources : family.resources;
  return { scopes, rights: { ...rights, audience: audienceOf(rights, selected, deployment.apis, { openid }) } };
}

/** RFC 6749 §6, RFC 8707 §2.2: a token request may ask for less than was granted, never for more. */
function mustNotWiden(named: readonly string[], resources: readonly string[], family: FamilyDraft): void {
  for (const value of named) {
    const given = isIdentityScope(value) ? family.scopes.includes(value) : isHeldSomewhere(family.rights, value);
    if (!given) throw new InvalidScope('more than was granted');
  }
  if (family.resources.length > 0 && !resources.every((resource) => family.resources.includes(resource)))
    throw new InvalidTarget('not an API that was granted');
}

function isHeldSomewhere(held: Holdings, right: string): boolean {
  return holdsIn(held, right) || Object.keys(held.byProject).some((project) => holdsIn(held, right, project));
}

function isEmpty({ global, byProject }: Holdings): boolean {
  return global.length === 0 && Object.keys(byProject).length === 0;
}

/**
 * Signs the tokens of a family: an access token and, where `openid` is among its scopes, an ID token. Nothing is kept of
 * them.
 *
 * @param nonce of the authorization request, for the first ID token
 * @throws DependencyUnavailable where they cannot be signed
 */
export async function signedTokens(
  { client, settings, ports, keyThumbprint }: GrantRequest,
  family: TokenFamily,
  { rights, scopes }: FamilyAccess,
  nonce?: string,
): Promise<TokenAnswer> {
  const answer = await issueAccessToken({ ...client, rights, family, scopes, keyThumbprint }, settings, ports);
  const { user, clientId } = family;
  if (user === undefined || !scopes.includes('openid')) return answer;
  const contents = { clientId, user, nonce, accessToken: answer.access_token };
  return { ...answer, id_token: await issueIdToken(contents, settings, ports) };
}
