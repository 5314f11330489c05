import { consents } from '../../src/adapters/dynamodb/consent.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import type { Interaction } from '../../src/entities/interaction.ts';
import { hasSecondFactor, secondFactorsOf } from '../../src/entities/user-credentials.ts';
import { type NextStep, nextStep } from '../../src/oauth/authorization/next-step.ts';
import { RedirectableError } from '../../src/oauth/authorization/refusals.ts';
import type { AuthorizationRequest, ReceivedRequest } from '../../src/oauth/authorization/request.ts';
import { type AuthorizationResponse, refusalOf } from '../../src/oauth/authorization/response.ts';
import { validateAuthorizationRequest } from '../../src/oauth/authorization/validate.ts';
import { formOfValues } from '../../src/oauth/form.ts';
import { once } from '../../src/once.ts';
import type { Brand } from '../../src/pages/layout.ts';
import { postingPage } from '../../src/pages/leaving.ts';
import { authorizationSettings } from './authorization-settings.ts';
import { authentication, deployment } from './clients.ts';
import { InteractionOver } from './http-errors.ts';
import type { Ongoing } from './interaction.ts';
import type { PageAnswer } from './page-endpoint.ts';
import { clock } from './services.ts';
import { table } from './table.ts';
import type { Visit } from './visit.ts';

export const consentStore = /* @__PURE__ */ once(() => consents(table()));

/**
 * The request, where it passes every check that needs no user.
 *
 * @throws UnsafeAuthorizationRequest, RedirectableError
 */
export function validated(received: ReceivedRequest): Promise<AuthorizationRequest> {
  const ports = { integrations: authentication().integrations, deployment: deployment() };
  return validateAuthorizationRequest(received, authorizationSettings(), ports);
}

/**
 * The authorization request that an interaction is about.
 *
 * @throws InteractionOver where it is about something else
 */
export function authorizationRequestOf({ purpose }: Interaction): Promise<AuthorizationRequest> {
  if (purpose.kind !== 'authorization') throw new InteractionOver('not about an authorization');
  return validated({ form: formOfValues(purpose.parameters), arrival: 'resumed' });
}

/** Decides what stands between a request and its answer, on what is stored now. */
export async function decided(
  request: AuthorizationRequest,
  { tenant, signedIn, interaction }: Visit & Partial<Pick<Ongoing, 'interaction'>>,
): Promise<NextStep> {
  const required = tenant.policy?.secondFactorRequired === true;
  const [consent, credentials] = await Promise.all([
    signedIn && consentStore().get(tenant.tenant, signedIn.user.id, request.integration.clientId),
    signedIn && required ? userCredentials(table()).get(tenant.tenant, signedIn.user.id) : undefined,
  ]);
  return nextStep(request, {
    now: clock.now(),
    ...signedIn,
    consent,
    interaction,
    operator: tenant.operator,
    secondFactor: { required, enrolled: hasSecondFactor(secondFactorsOf(credentials)) },
  });
}

/** How an answer travels: whether the browser may come from a form of ours, and whose page it may see on the way. */
export interface Passage {
  readonly afterForm: boolean;
  readonly brand?: Brand | undefined;
}

/** Brings an answer to the client. */
export function answerOf(response: AuthorizationResponse, { afterForm, brand }: Passage): PageAnswer {
  if (response.kind === 'form-post') return { postTo: response.action, page: postingPage(response, brand) };
  return { leaveFor: response.location, afterForm, brand };
}

/** Answers a request; what may be told to its client is. */
export async function answeringRefusals(passage: Passage, answer: () => Promise<PageAnswer>): Promise<PageAnswer> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof RedirectableError) return answerOf(refusalOf(error), passage);
    throw error;
  }
}
