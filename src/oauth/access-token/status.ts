import type { Holdings } from '../../entities/holdings.ts';
import type { LivenessQuery, LivenessReader, LivenessState } from '../../entities/liveness.ts';
import { projectKeyPattern } from '../../entities/project.ts';
import type { User } from '../../entities/user.ts';
import type { Clock } from '../../ports.ts';
import type { AccessTokenClaims } from './claims.ts';
import type { TokenBearer } from './context.ts';
import { effectiveRights, type Holder } from './effective-rights.ts';
import type { KeyRing } from './key-ring.ts';
import { examine, type Living } from './liveness.ts';
import type { AccessTokenVerifier } from './verifier.ts';

/** A token that may be accepted now, of whichever kind: who presents it, and what it may do now. */
export interface LiveToken {
  readonly active: true;
  readonly bearer: TokenBearer;
  /** Whether its tenant is the platform operator's. */
  readonly ofOperator: boolean;
  readonly rights: Holdings;
  /** RFC 7638 thumbprint of the key that it is bound to: it is worth nothing without a proof (RFC 9449 §6.1). */
  readonly keyThumbprint?: string | undefined;
}

/** An access token that verifies and lives. */
export interface ActiveToken extends LiveToken {
  readonly claims: AccessTokenClaims;
  /** Whom it acts for, as they are now; absent where its client acts for itself. */
  readonly user?: User | undefined;
}

/** Any other token. */
export interface InactiveToken {
  readonly active: false;
  /** For the log, never for the client: the check that failed. */
  readonly fault: string;
  /** For the log too, where the token is one of ours and something killed it. */
  readonly bearer?: Pick<TokenBearer, 'clientId' | 'tokenId'>;
}

export interface TokenStatusServices {
  readonly verifier: AccessTokenVerifier;
  readonly keys: KeyRing;
  readonly liveness: LivenessReader;
  readonly clock: Clock;
}

/** What a token is presented for. */
export interface Presentation {
  /**
   * The key of the project that the request is about: what is held in other projects is then not looked at. Absent: it is
   * about none, and every project that the token names is looked at.
   */
  readonly project?: string | undefined;
}

/**
 * Whether an access token may be accepted now, in at most one round trip once the keys are known: its signature from
 * memory, all that can kill it from the table. A token that is bound to a key may be accepted with a proof alone.
 *
 * @throws DependencyUnavailable where keys or state could not be read: neither alive nor dead
 */
export async function tokenStatus(
  { verifier, keys, liveness, clock }: TokenStatusServices,
  token: string,
  { project }: Presentation = {},
): Promise<ActiveToken | InactiveToken> {
  const verified = await verifier.verify(token);
  if ('fault' in verified) return { active: false, fault: verified.fault };
  const { claims, key } = verified;
  const state = await liveness.read({
    tenant: claims.tenant,
    clientId: claims.client_id,
    tokenId: claims.jti,
    applicationId: claims.app,
    ...(project === undefined
      ? { projects: claims.authorization_details?.map(({ identifier }) => identifier) }
      : aboutProject(project)),
    ...(claims.fam !== undefined && { familyId: claims.fam, ...userOf(claims) }),
    ...(!keys.mayTrustUnread(key) && { kid: key.kid }),
  });
  if (state.signingKey !== undefined) keys.note(key, state.signingKey);
  const found = examine(verified, state, clock.now());
  if ('fault' in found)
    return { active: false, fault: found.fault, bearer: { clientId: claims.client_id, tokenId: claims.jti } };
  return {
    active: true,
    claims,
    bearer: bearerOf(claims, found),
    ofOperator: state.tenant?.operator === true,
    rights: seenFrom(effectiveRights(claims, found.integration, holderOf(found, state)), state, project),
    keyThumbprint: claims.cnf?.jkt,
    user: found.family?.user && state.user,
  };
}

/** Free text in a path never becomes part of a key: what is no project's key is about no project that exists. */
export function aboutProject(project: string | undefined): Pick<LivenessQuery, 'project' | 'projects'> {
  return project !== undefined && projectKeyPattern.test(project) ? { project, projects: [project] } : {};
}

/** What is held where the request is about: nothing in a project that is gone, and of other projects nothing is told. */
export function seenFrom(
  { global, byProject }: Holdings,
  { projectExists }: Pick<LivenessState, 'projectExists'>,
  project: string | undefined,
): Holdings {
  if (project === undefined) return { global, byProject };
  const there = projectExists && Object.hasOwn(byProject, project) ? byProject[project] : undefined;
  return { global, byProject: there === undefined ? {} : { [project]: there } };
}

/** Of a token with a family alone: without one there is no user that it could act for. */
function userOf({ sub, client_id, sid }: AccessTokenClaims) {
  return sub === client_id ? {} : { userId: sub, sessionId: sid };
}

function holderOf({ family }: Living, { user }: LivenessState): Holder | undefined {
  return family?.user && user && { user, ofOperator: family.operator };
}

function bearerOf(claims: AccessTokenClaims, { family }: Living): TokenBearer {
  return {
    kind: 'access-token',
    tenant: claims.tenant,
    subject: claims.sub,
    clientId: claims.client_id,
    credential: claims.cred,
    tokenId: claims.jti,
    familyId: claims.fam,
    sessionId: claims.sid,
    consentId: family?.user?.consentId,
  };
}
