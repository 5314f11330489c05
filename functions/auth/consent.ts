import { pageRoutes } from '../../src/api/routes/pages.ts';
import { RedirectableError } from '../../src/oauth/authorization/refusals.ts';
import type { AuthorizationRequest } from '../../src/oauth/authorization/request.ts';
import { refusalOf } from '../../src/oauth/authorization/response.ts';
import { AccessDenied } from '../../src/oauth/errors.ts';
import { isOpenToOtherApps } from '../../src/oauth/redirect-uri.ts';
import { consentPage } from '../../src/pages/consent.ts';
import { agreementOf, agrees, askedAnew, type Question, remember } from '../shared/agreement.ts';
import { answeringRefusals, answerOf, authorizationRequestOf, decided } from '../shared/authorization.ts';
import { decidedAt, interactionStore, type Ongoing, ongoing, reach } from '../shared/interaction.ts';
import { type PageAnswer, type PageRequest, page, pageEndpoint } from '../shared/page-endpoint.ts';
import { clock } from '../shared/services.ts';

async function shown(
  call: PageRequest,
  at: Ongoing,
  { integration, recipient }: AuthorizationRequest,
  question: Question,
  problem?: string,
): Promise<PageAnswer> {
  return {
    page: consentPage({
      ...(await agreementOf(call, '/consent', at, integration, question, problem)),
      destination: new URL(recipient.redirectUri).host,
      onThisDevice: isOpenToOtherApps(recipient.redirectUri),
    }),
  };
}

/** Asks, where there is still something to ask; else the interaction is decided on again. */
async function asking(
  call: PageRequest,
  answer: (at: Ongoing, request: AuthorizationRequest, question: Question) => Promise<PageAnswer>,
): Promise<PageAnswer> {
  const at = await ongoing(call);
  return answeringRefusals({ afterForm: true, brand: at.brand }, async () => {
    const request = await authorizationRequestOf(at.interaction);
    const next = await decided(request, at);
    return next.step === 'consent' ? answer(at, request, next) : { seeOther: decidedAt(at.interaction) };
  });
}

async function answered(
  call: PageRequest,
  at: Ongoing,
  request: AuthorizationRequest,
  question: Question,
): Promise<PageAnswer> {
  if (call.form.get('decision') === 'deny') {
    await interactionStore().delete(at.interaction);
    const refusal = new RedirectableError(new AccessDenied('the user said no'), request.recipient);
    return answerOf(refusalOf(refusal), { afterForm: true, brand: at.brand });
  }
  if (!agrees(call, question)) return shown(call, at, request, question, askedAnew);
  await remember(call, request.integration, question);
  await reach(at.interaction, { consentedAt: new Date(clock.now()).toISOString() });
  return { seeOther: decidedAt(at.interaction) };
}

export const handler = pageEndpoint(
  page(pageRoutes.consentPage, (call) => asking(call, (at, request, question) => shown(call, at, request, question))),
  page(pageRoutes.consent, (call) => asking(call, (at, request, question) => answered(call, at, request, question))),
);
