import type { Consent } from '../../entities/consent.ts';
import { hasSecond, isCurrent, type Session } from '../../entities/session.ts';
import type { User } from '../../entities/user.ts';
import { isCovered } from '../consent.ts';
import { AccessDenied, ConsentRequired, InteractionRequired, LoginRequired, type OAuthError } from '../errors.ts';
import { isOpenToOtherApps } from '../redirect-uri.ts';
import { authorizedRights } from './authorized-rights.ts';
import { isNothing } from './checks/rights.ts';
import { RedirectableError } from './refusals.ts';
import type { AuthorizationRequest, RightsInQuestion } from './request.ts';

/** What was reached in the interaction that the request began; ISO 8601 each. */
export interface InteractionProgress {
  readonly createdAt: string;
  readonly signedInAt?: string | undefined;
  readonly accountChosenAt?: string | undefined;
  readonly consentedAt?: string | undefined;
}

/** What is known of the browser that brings the request, and of who uses it. */
export interface Situation {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The browser's session in the client's tenant, its secret checked. */
  readonly session?: Session | undefined;
  /** The session's user. */
  readonly user?: User | undefined;
  /** The user's consent to the client. */
  readonly consent?: Consent | undefined;
  /** Absent where the request has just come. */
  readonly interaction?: InteractionProgress | undefined;
  /** Whether the tenant is the operator's. */
  readonly operator: boolean;
  /** Whether the tenant asks its users for a second factor, and whether this user has one. */
  readonly secondFactor: { readonly required: boolean; readonly enrolled: boolean };
}

/** Everything that a grant needs to be there. */
export interface Authorized {
  readonly session: Session;
  readonly user: User;
  readonly consent: Consent;
  readonly operator: boolean;
  readonly given: RightsInQuestion;
}

/** A page that the user has to be shown. */
export type PageStep = 'sign-in' | 'select-account' | 'second-factor' | 'enrol-second-factor' | 'consent';

/** What is to happen next. `consent` names what the user is asked to agree to. */
export type NextStep =
  | { readonly step: Exclude<PageStep, 'consent'> }
  | { readonly step: 'consent'; readonly session: Session; readonly user: User; readonly given: RightsInQuestion }
  | ({ readonly step: 'grant' } & Authorized)
  | { readonly step: 'refuse'; readonly error: RedirectableError };

/**
 * Decides, from the start and in one order each time, what stands between a request and its answer: who it is, whether
 * they proved it recently and well enough, what there is to give, and whether they agreed (OIDC Core §3.1.2.3 and
 * §3.1.2.4). With `prompt=none` whatever needs a page is an error.
 */
export function nextStep(request: AuthorizationRequest, situation: Situation): NextStep {
  const next = decide(request, situation);
  if (!request.prompt.includes('none') || next.step === 'grant' || next.step === 'refuse') return next;
  return refuse(request, silentErrors[next.step]());
}

const silentErrors: Readonly<Record<PageStep, () => OAuthError>> = {
  'sign-in': () => new LoginRequired('nobody is signed in, or not recently enough'),
  'select-account': () => new InteractionRequired('an account is to be chosen'),
  'second-factor': () => new InteractionRequired('the second factor is missing'),
  'enrol-second-factor': () => new InteractionRequired('a second factor must be enrolled'),
  consent: () => new ConsentRequired('nobody agreed'),
};

function decide(request: AuthorizationRequest, situation: Situation): NextStep {
  const { integration, asked, hintedUserId } = request;
  const { interaction, operator } = situation;
  const signedIn = signedInUser(request, situation);
  if (signedIn === undefined) return { step: 'sign-in' };
  const { session, user } = signedIn;
  const justSignedIn = isSignInOf(interaction, session);

  if (hintedUserId !== undefined && hintedUserId !== user.id)
    return justSignedIn ? refuse(request, new LoginRequired('not the user of the hint')) : { step: 'sign-in' };
  if (!justSignedIn && isTooOld(request, session, situation.now)) return { step: 'sign-in' };
  if (request.prompt.includes('select_account') && !justSignedIn && interaction?.accountChosenAt === undefined)
    return { step: 'select-account' };
  if (situation.secondFactor.required && !hasSecond(session.methods))
    return { step: situation.secondFactor.enrolled ? 'second-factor' : 'enrol-second-factor' };

  const given = authorizedRights(asked, integration, user, operator);
  if (isNothing(given)) return refuse(request, new AccessDenied('the user holds nothing of what is asked for'));
  const consent = ownConsent(request, situation, user);
  if (consent === undefined || !isAgreed(request, given, consent, hasJustAgreed(interaction, session)))
    return { step: 'consent', session, user, given };
  return { step: 'grant', session, user, consent, operator, given };
}

function refuse({ recipient }: AuthorizationRequest, error: OAuthError): NextStep {
  return { step: 'refuse', error: new RedirectableError(error, recipient) };
}

/** Session and user, where both count: what is another tenant's is as if it did not exist. */
function signedInUser(
  { integration }: AuthorizationRequest,
  { session, user, now }: Situation,
): { readonly session: Session; readonly user: User } | undefined {
  if (session === undefined || user === undefined) return undefined;
  if (session.tenant !== integration.tenant || user.tenant !== integration.tenant) return undefined;
  if (session.userId !== user.id || user.status !== 'active') return undefined;
  return isCurrent(session, user, now) ? { session, user } : undefined;
}

/** Whether the user signed in because of this very request, and not into the session of somebody before. */
function isSignInOf(interaction: InteractionProgress | undefined, session: Session): boolean {
  return (
    interaction?.signedInAt !== undefined && Date.parse(session.authenticatedAt) >= Date.parse(interaction.createdAt)
  );
}

/** Whether the user agreed because of this very request: what somebody before them agreed to is not theirs. */
function hasJustAgreed(interaction: InteractionProgress | undefined, session: Session): boolean {
  return interaction?.consentedAt !== undefined && Date.parse(interaction.consentedAt) >= Date.parse(session.createdAt);
}

/** OIDC Core §3.1.2.1: `prompt=login` wants a new sign-in, `max_age` one that is not older. */
function isTooOld({ prompt, maxAgeSeconds }: AuthorizationRequest, session: Session, now: number): boolean {
  if (prompt.includes('login')) return true;
  return maxAgeSeconds !== undefined && now - Date.parse(session.authenticatedAt) >= maxAgeSeconds * 1000;
}

function ownConsent(
  { integration: { tenant, clientId } }: AuthorizationRequest,
  { consent }: Situation,
  user: User,
): Consent | undefined {
  const isOwn = consent?.tenant === tenant && consent.clientId === clientId && consent.userId === user.id;
  return isOwn ? consent : undefined;
}

/**
 * Whether the user agreed: in this interaction, or before, where that may be remembered. Consent to `offline_access` is
 * remembered like any other (OIDC Core §11: other conditions may take the place of `prompt=consent`).
 */
function isAgreed(
  { prompt, integration, recipient }: AuthorizationRequest,
  given: RightsInQuestion,
  consent: Consent,
  justAgreed: boolean,
): boolean {
  if (!isCovered(given, consent)) return false;
  if (justAgreed) return true;
  // RFC 8252 §8.6: whoever waits at such a URI may call itself this client.
  const mayBeAnotherApp = integration.tokenEndpointAuthMethod === 'none' && isOpenToOtherApps(recipient.redirectUri);
  return !prompt.includes('consent') && !mayBeAnotherApp;
}
