import { clientReader } from '../../src/adapters/dynamodb/client-reader.ts';
import { deviceAuthorizations } from '../../src/adapters/dynamodb/device-authorization.ts';
import { devicePageRoutes } from '../../src/api/routes/device-pages.ts';
import { shownUserCode, typedUserCode, type UserCodeTarget } from '../../src/entities/device-authorization.ts';
import { newInteraction } from '../../src/entities/interaction.ts';
import { environment } from '../../src/environment.ts';
import type { NextStep } from '../../src/oauth/authorization/next-step.ts';
import { allowedFamily, type WaitingDevice, waitingDevice } from '../../src/oauth/device-verification.ts';
import { once } from '../../src/once.ts';
import {
  type DeviceOutcome,
  deviceCodePage,
  deviceConfirmationPage,
  deviceOutcomePage,
} from '../../src/pages/device.ts';
import { agreementOf, agrees, askedAnew, remember } from '../shared/agreement.ts';
import { decided } from '../shared/authorization.ts';
import { authorizationSettings } from '../shared/authorization-settings.ts';
import { deployment } from '../shared/clients.ts';
import { InteractionOver } from '../shared/http-errors.ts';
import { decidedAt, interactionStore, type Ongoing, ongoing } from '../shared/interaction.ts';
import { formTarget, type PageAnswer, type PageRequest, page, pageEndpoint } from '../shared/page-endpoint.ts';
import { pause } from '../shared/pause.ts';
import { clock, randomBytes, variable } from '../shared/services.ts';
import { sessionStore } from '../shared/session-end.ts';
import { pageOfStep } from '../shared/steps.ts';
import { table } from '../shared/table.ts';
import { admitUserCode, forgiveUserCode } from '../shared/user-code-attempts.ts';

const devices = once(() => deviceAuthorizations(table(), pause));

type Question = NextStep & { readonly step: 'consent' };

interface WrongCode {
  readonly problem: string;
  readonly refusal: 'incomplete' | 'slow-down';
  readonly retryAfterSeconds?: number;
}

function codePage(call: PageRequest, userCode: string | undefined, wrong?: WrongCode): PageAnswer {
  const target = formTarget(call, '/device');
  return { page: deviceCodePage({ target, userCode, problem: wrong?.problem }), ...wrong };
}

/** Begins an interaction of the tenant that the code leads to. */
async function typed(call: PageRequest): Promise<PageAnswer> {
  const text = call.form.get('user_code')?.slice(0, 64);
  const admission = await admitUserCode(call.address);
  if (!admission.admitted)
    return codePage(call, text, {
      problem: 'Too many codes were tried from your address. Please wait a moment, and try again.',
      refusal: 'slow-down',
      retryAfterSeconds: admission.retryAfterSeconds,
    });
  const userCode = typedUserCode(text ?? '');
  const target = userCode === undefined ? undefined : await devices().findByUserCode(userCode);
  if (userCode === undefined || target === undefined || isOver(target))
    return codePage(call, text, {
      problem: 'This code is not right, or has run out. Look at your device, and try again.',
      refusal: 'incomplete',
    });
  await forgiveUserCode(admission.counters);
  const purpose = { kind: 'device', userCode, clientId: target.clientId } as const;
  const interaction = newInteraction(target.tenant, purpose, call.browser.hash, clock.now(), randomBytes);
  await interactionStore().create(interaction);
  return { seeOther: decidedAt(interaction) };
}

const isOver = ({ expiresAt }: UserCodeTarget) => clock.now() >= Date.parse(expiresAt);

/** Asks the user, once they are signed in well enough; decided from the start each time. */
async function asking(
  call: PageRequest,
  answer: (at: Ongoing, device: WaitingDevice, question: Question) => Promise<PageAnswer>,
): Promise<PageAnswer> {
  const at = await ongoing(call);
  const { tenant, purpose } = at.interaction;
  if (purpose.kind !== 'device') throw new InteractionOver('not about a device');
  const integrations = clientReader(table());
  const ports = { clock, devices: devices(), integrations, deployment: deployment() };
  const device = await waitingDevice({ tenant, userCode: purpose.userCode }, variable(environment.issuer), ports);
  if (device === undefined) return finished(at, 'over');
  const next = await decided(device.request, at);
  if (next.step === 'consent') return answer(at, device, next);
  if (next.step === 'refuse' || next.step === 'grant') return finished(at, 'nothing-to-give');
  return pageOfStep(next.step, at.interaction, at.signedIn);
}

async function finished(at: Ongoing, outcome: DeviceOutcome): Promise<PageAnswer> {
  await interactionStore().delete(at.interaction);
  return { page: deviceOutcomePage(outcome, at.brand) };
}

async function shown(
  call: PageRequest,
  at: Ongoing,
  { authorization, request }: WaitingDevice,
  question: Question,
  problem?: string,
): Promise<PageAnswer> {
  return {
    page: deviceConfirmationPage({
      ...(await agreementOf(call, '/device', at, request.integration, question, problem)),
      userCode: shownUserCode(authorization.userCode),
    }),
  };
}

async function answered(
  call: PageRequest,
  at: Ongoing,
  device: WaitingDevice,
  question: Question,
): Promise<PageAnswer> {
  if (call.form.get('decision') === 'deny')
    return finished(at, (await devices().decide(device.authorization, undefined)) ? 'denied' : 'over');
  if (!agrees(call, question)) return shown(call, at, device, question, askedAnew);
  const { integration } = device.request;
  const consent = await remember(call, integration, question);
  const allowed = { ...question, consent, operator: at.tenant.operator };
  const family = allowedFamily(device, allowed, authorizationSettings(), { clock, randomBytes });
  await sessionStore().noteClient(question.session, integration.clientId);
  return finished(at, (await devices().decide(device.authorization, family)) ? 'allowed' : 'over');
}

const isAboutInteraction = (call: PageRequest) =>
  (call.form.get('interaction') ?? call.query.get('interaction')) !== undefined;

export const handler = pageEndpoint(
  page(devicePageRoutes.devicePage, async (call) =>
    isAboutInteraction(call)
      ? asking(call, (at, device, question) => shown(call, at, device, question))
      : codePage(call, call.query.get('user_code')?.slice(0, 64)),
  ),
  page(devicePageRoutes.device, (call) =>
    isAboutInteraction(call)
      ? asking(call, (at, device, question) => answered(call, at, device, question))
      : typed(call),
  ),
);
