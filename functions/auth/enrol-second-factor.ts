import { userPageRoutes } from '../../src/api/routes/user-pages.ts';
import { type Enrolled, enrolPasskey, enrolTotp, pendingSecret } from '../../src/authentication/enrolment.ts';
import { registeredPasskey, registrationOptions } from '../../src/authentication/passkeys.ts';
import { totpUri } from '../../src/authentication/totp.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { hasSecond } from '../../src/entities/session.ts';
import { hasSecondFactor, secondFactorsOf } from '../../src/entities/user-credentials.ts';
import { authenticatorPage, enrolSecondFactorPage, recoveryCodesPage } from '../../src/pages/enrol-second-factor.ts';
import { type HalfWay, halfWay, isFresh, withMethod } from '../shared/first-factor.ts';
import { interactionStore, type Ongoing, ongoing } from '../shared/interaction.ts';
import {
  basePath,
  formTarget,
  type PageAnswer,
  type PageRequest,
  page,
  pageEndpoint,
} from '../shared/page-endpoint.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { completeSignIn } from '../shared/sign-in-completion.ts';
import { newChallenge, partyOf, secondFactorPorts } from '../shared/user-secrets.ts';

/** Somebody who may enrol. */
interface Enrolling extends HalfWay {
  readonly at: Ongoing;
}

type ShownPage = Extract<PageAnswer, { readonly page: unknown }>;

/**
 * Lets only those enrol who have just proved to be there, with a second factor where they have one: a password alone
 * adds no way around it.
 */
async function enrolling(call: PageRequest, answer: (who: Enrolling) => Promise<PageAnswer>): Promise<PageAnswer> {
  const at = await ongoing(call);
  const who = await halfWay(at);
  const { id } = at.interaction;
  if (!isFresh(who.first.at)) return { seeOther: `/sign-in?interaction=${id}` };
  if (hasSecondFactor(secondFactorsOf(who.credentials)) && !hasSecond(who.first.methods))
    return { seeOther: `/second-factor?interaction=${id}` };
  return answer({ ...who, at });
}

const path = '/enrol-second-factor';
const authenticatorPath = `${path}/authenticator`;

async function choice(call: PageRequest, { at, user, credentials }: Enrolling, problem?: string): Promise<ShownPage> {
  const { brand, tenant, interaction } = at;
  const challenge = newChallenge();
  await interactionStore().update(interaction, { challenge });
  return {
    page: enrolSecondFactorPage({
      brand,
      authenticatorUrl: `${basePath()}${authenticatorPath}?interaction=${interaction.id}`,
      target: formTarget(call, path, interaction.id),
      passkey: await registrationOptions(partyOf(tenant), user, credentials.passkeys, challenge),
      required: tenant.policy?.secondFactorRequired === true && !hasSecondFactor(secondFactorsOf(credentials)),
      problem,
    }),
  };
}

async function authenticator(
  call: PageRequest,
  { at, user, credentials }: Enrolling,
  problem?: string,
): Promise<ShownPage> {
  const { brand, interaction } = at;
  const secret = await pendingSecret(secondFactorPorts(), credentials, interaction.id);
  const uri = totpUri(secret, { issuer: brand.name, label: user.username });
  const target = formTarget(call, authenticatorPath, interaction.id);
  return { page: authenticatorPage({ brand, target, uri, secret, problem }) };
}

const added = ({ originOf }: PageRequest, { tenant, id }: HalfWay['user'], kind: 'totp' | 'passkey') =>
  auditEvent(
    { tenant, action: 'user.second_factor_added', object: id, changes: { kind } },
    originOf(id),
    clock.now(),
    randomBytes,
  );

/** Signs the user in with what they have shown by enrolling, and shows recovery codes where there are new ones. */
async function done(
  call: PageRequest,
  { at, user, first }: Enrolling,
  method: 'otp' | 'hwk',
  { recoveryCodes: codes }: Enrolled,
): Promise<PageAnswer> {
  const answer = await completeSignIn(call, at, user, withMethod(first.methods, method));
  if (codes === undefined || !('seeOther' in answer)) return answer;
  const next = { url: basePath() + answer.seeOther, label: 'I have kept them' };
  const { cookies = [] } = answer;
  return { cookies, page: recoveryCodesPage({ brand: at.brand, codes, next }) };
}

async function passkeySent(call: PageRequest, who: Enrolling): Promise<PageAnswer> {
  const { interaction, tenant } = who.at;
  const [sent, { challenge }] = [call.form.get('response'), interaction];
  if (sent === undefined || challenge === undefined)
    return { ...(await choice(call, who, 'Your browser sent no passkey. Try again.')), refusal: 'incomplete' };
  // Used up before anything that answers it is looked at.
  const at = { ...who.at, interaction: await interactionStore().update(interaction, { challenge: undefined }) };
  const createdAt = new Date(clock.now()).toISOString();
  const passkey = await registeredPasskey(sent, partyOf(tenant), challenge, createdAt);
  const event = added(call, who.user, 'passkey');
  const enrolled = passkey && (await enrolPasskey(secondFactorPorts(), who.credentials, passkey, event));
  if (enrolled) return done(call, { ...who, at }, 'hwk', enrolled);
  const problem = 'This passkey cannot be added. Try again, or use another one.';
  return { ...(await choice(call, { ...who, at }, problem)), refusal: 'refused' };
}

async function codeSent(call: PageRequest, who: Enrolling): Promise<PageAnswer> {
  const given = { code: call.form.get('code') ?? '', interaction: who.at.interaction.id };
  const enrolled = await enrolTotp(secondFactorPorts(), who.credentials, given, added(call, who.user, 'totp'));
  if (enrolled) return done(call, who, 'otp', enrolled);
  const problem = 'This code is wrong. Check that the time on your phone is right, and enter the newest code.';
  return { ...(await authenticator(call, who, problem)), refusal: 'refused' };
}

export const handler = pageEndpoint(
  page(userPageRoutes.enrolSecondFactorPage, (call) => enrolling(call, (who) => choice(call, who))),
  page(userPageRoutes.enrolPasskey, (call) => enrolling(call, (who) => passkeySent(call, who))),
  page(userPageRoutes.authenticatorPage, (call) => enrolling(call, (who) => authenticator(call, who))),
  page(userPageRoutes.enrolAuthenticator, (call) => enrolling(call, (who) => codeSent(call, who))),
);
