import { projects } from '../../src/adapters/dynamodb/project.ts';
import { pageRoutes } from '../../src/api/routes/pages.ts';
import { RedirectableError } from '../../src/oauth/authorization/refusals.ts';
import type { AuthorizationRequest } from '../../src/oauth/authorization/request.ts';
import { refusalOf } from '../../src/oauth/authorization/response.ts';
import { AccessDenied } from '../../src/oauth/errors.ts';
import { isOpenToOtherApps } from '../../src/oauth/redirect-uri.ts';
import { consentPage } from '../../src/pages/consent.ts';
import { digestOf, type Question, remember } from '../shared/agreement.ts';
import { answeringRefusals, answerOf, authorizationRequestOf, decided } from '../shared/authorization.ts';
import { decidedAt, interactionStore, type Ongoing, ongoing, reach } from '../shared/interaction.ts';
import {
  basePath,
  formTarget,
  type PageAnswer,
  type PageRequest,
  page,
  pageEndpoint,
} from '../shared/page-endpoint.ts';
import { clock } from '../shared/services.ts';
import { table } from '../shared/table.ts';

async function shown(
  call: PageRequest,
  { interaction, brand, tenant }: Ongoing,
  { integration, recipient }: AuthorizationRequest,
  { user, given }: Question,
  problem?: string,
): Promise<PageAnswer> {
  const { action, hidden } = formTarget(call, '/consent', interaction.id);
  return {
    page: consentPage({
      brand,
      target: { action, hidden: { ...hidden, asked: digestOf(given) } },
      user,
      application: integration,
      scopes: given.scopes,
      rights: given.rights,
      projects: await projects(table()).getMany(tenant.tenant, Object.keys(given.rights.byProject)),
      destination: new URL(recipient.redirectUri).host,
      onThisDevice: isOpenToOtherApps(recipient.redirectUri),
      otherAccount: `${basePath()}/accounts?interaction=${interaction.id}`,
      problem,
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
  const decision = call.form.get('decision');
  if (decision === 'deny') {
    await interactionStore().delete(at.interaction);
    const refusal = new RedirectableError(new AccessDenied('the user said no'), request.recipient);
    return answerOf(refusalOf(refusal), { afterForm: true, brand: at.brand });
  }
  if (decision !== 'allow' || call.form.get('asked') !== digestOf(question.given))
    return shown(call, at, request, question, 'What the application may have has changed. Please look at it again.');
  await remember(call, request.integration, question);
  await reach(at.interaction, { consentedAt: new Date(clock.now()).toISOString() });
  return { seeOther: decidedAt(at.interaction) };
}

export const handler = pageEndpoint(
  page(pageRoutes.consentPage, (call) => asking(call, (at, request, question) => shown(call, at, request, question))),
  page(pageRoutes.consent, (call) => asking(call, (at, request, question) => answered(call, at, request, question))),
);
