import { type RandomBytes, randomText } from '../entities/identifiers.ts';
import type { PersonalAccessToken } from '../entities/personal-access-token.ts';
import { bodyOf, hashOf, recognizable } from '../entities/recognizable-secret.ts';
import {
  type ActiveToken,
  aboutProject,
  type InactiveToken,
  type LiveToken,
  type Presentation,
  seenFrom,
  type TokenStatusServices,
  tokenStatus,
} from './access-token/status.ts';
import { faultOfDelegation } from './delegation.ts';
import { holdingsOfUser, inBoth } from './holdings.ts';

/** A personal access token's text names where everything lies that it hangs on: one round trip finds all of it. */
interface Origin {
  readonly tenant: string;
  readonly userId: string;
  /** The app that it was made through. */
  readonly clientId: string;
}

const prefix = 'lkp';
const randomLength = 22;

/** The tenant's own part, the user's, the client's, and the random part: 131 bits that nobody can guess. */
const bodyForm = /^([0-9A-Za-z]{16})([0-9A-Za-z]{22})([0-9A-Za-z]{22})[0-9A-Za-z]{22}$/;

/** A new token: shown once, and kept as its hash alone. */
export function newPersonalAccessToken({
  tenant,
  userId,
  clientId,
  randomBytes,
}: Origin & { readonly randomBytes: RandomBytes }): string {
  const [ofTenant, ofUser, ofClient] = [tenant.slice(4), userId.slice(4), clientId.slice(4 + ofTenantLength)];
  const text = recognizable(prefix, `${ofTenant}${ofUser}${ofClient}${randomText(randomBytes, randomLength)}`);
  const found = parsePersonalAccessToken(text);
  if (found?.tenant !== tenant || found.userId !== userId || found.clientId !== clientId)
    throw new Error('a personal access token is for a user of the tenant, through one of its integrations');
  return text;
}

const ofTenantLength = 16;

/** Where the token lies and whose it says it is, or undefined where the text is no such token. */
export function parsePersonalAccessToken(text: string): (Origin & { readonly hash: string }) | undefined {
  const [, ofTenant, ofUser, ofClient] = bodyForm.exec(bodyOf(prefix, text) ?? '') ?? [];
  if (ofTenant === undefined) return undefined;
  return {
    tenant: `ten_${ofTenant}`,
    userId: `usr_${ofUser}`,
    clientId: `int_${ofTenant}${ofClient}`,
    hash: hashOf(text),
  };
}

/** A personal access token that may be accepted now. */
export interface ActivePersonalAccessToken extends LiveToken {
  readonly personalAccessToken: PersonalAccessToken;
}

/** Every kind of token that opens anything. */
export type AnyLiveToken = ActiveToken | ActivePersonalAccessToken;

/**
 * Whether a presented text is a token that may be accepted now. What begins as a personal access token is looked at as
 * nothing else.
 *
 * @throws DependencyUnavailable where keys or state could not be read: neither alive nor dead
 */
export function anyTokenStatus(
  services: TokenStatusServices,
  text: string,
  presentation: Presentation = {},
): Promise<AnyLiveToken | InactiveToken> {
  return text.startsWith(`${prefix}_`)
    ? personalAccessTokenStatus(services, text, presentation)
    : tokenStatus(services, text, presentation);
}

/**
 * Whether a personal access token may be accepted now, in one round trip. It hangs on its user and on the consent that it
 * was made under, and on nothing else of the app that it was made through.
 *
 * @throws DependencyUnavailable where its state could not be read: neither alive nor dead
 */
async function personalAccessTokenStatus(
  { liveness, clock }: Pick<TokenStatusServices, 'liveness' | 'clock'>,
  text: string,
  { project }: Presentation,
): Promise<ActivePersonalAccessToken | InactiveToken> {
  const parsed = parsePersonalAccessToken(text);
  if (parsed === undefined) return { active: false, fault: 'not a personal access token' };
  const { tenant, userId, clientId, hash } = parsed;
  const state = await liveness.read({ tenant, clientId, userId, personalAccessToken: hash, ...aboutProject(project) });
  const { personalAccessToken: token, user } = state;
  if (token === undefined) return { active: false, fault: 'personal access token unknown or revoked' };
  const bearer = { clientId, tokenId: token.id };
  if (state.tenant?.status !== 'active') return { active: false, fault: 'tenant not active', bearer };
  const now = clock.now();
  if (now >= Date.parse(token.expiresAt)) return { active: false, fault: 'personal access token expired', bearer };
  const delegation = { generation: token.userGeneration, consentId: token.consentId };
  const fault = faultOfDelegation(delegation, state, now);
  if (fault !== undefined || user === undefined) return { active: false, fault: fault ?? 'user deleted', bearer };
  return {
    active: true,
    personalAccessToken: token,
    bearer: {
      ...bearer,
      kind: 'personal-access-token',
      tenant,
      subject: userId,
      credential: token.id,
      consentId: token.consentId,
    },
    ofOperator: state.tenant.operator,
    rights: seenFrom(inBoth(token.rights, holdingsOfUser(user, token.operator)), state, project),
  };
}
