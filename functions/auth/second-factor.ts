import { userPageRoutes } from '../../src/api/routes/user-pages.ts';
import { authenticationOptions } from '../../src/authentication/passkeys.ts';
import { checkSecondFactor, type SecondFactorProof } from '../../src/authentication/second-factor.ts';
import { hasSecondFactor, secondFactorsOf } from '../../src/entities/user-credentials.ts';
import { secondFactorPage } from '../../src/pages/second-factor.ts';
import { type HalfWay, halfWay, withMethod } from '../shared/first-factor.ts';
import { InteractionOver } from '../shared/http-errors.ts';
import { interactionStore, type Ongoing, ongoing } from '../shared/interaction.ts';
import { formTarget, type PageAnswer, type PageRequest, page, pageEndpoint } from '../shared/page-endpoint.ts';
import { refusalLog } from '../shared/refusal-log.ts';
import { completeSignIn } from '../shared/sign-in-completion.ts';
import { newChallenge, partyOf, secondFactorPorts } from '../shared/user-secrets.ts';

/** The page, with a challenge of its own for passkeys. */
async function shown(
  call: PageRequest,
  at: Ongoing,
  { user, credentials }: HalfWay,
  problem?: string | undefined,
): Promise<Extract<PageAnswer, { readonly page: unknown }>> {
  const { brand, tenant, interaction } = at;
  const { passkeys, totp } = credentials;
  if (!hasSecondFactor(secondFactorsOf(credentials))) throw new InteractionOver('no second factor');
  let passkey: Awaited<ReturnType<typeof authenticationOptions>> | undefined;
  if (passkeys.length > 0) {
    const challenge = newChallenge();
    await interactionStore().update(interaction, { challenge });
    passkey = await authenticationOptions(partyOf(tenant), passkeys, challenge);
  }
  const target = formTarget(call, '/second-factor', interaction.id);
  return { page: secondFactorPage({ brand, user, target, totp: totp !== undefined, passkey, problem }) };
}

/** What was sent; a challenge is used up before anything that answers it is looked at. */
async function proofOf(call: PageRequest, at: Ongoing): Promise<{ proof: SecondFactorProof | undefined; at: Ongoing }> {
  const [code, passkey] = [call.form.get('code'), call.form.get('response')];
  const { challenge } = at.interaction;
  if (passkey === undefined || challenge === undefined) return { proof: code === undefined ? undefined : { code }, at };
  const interaction = await interactionStore().update(at.interaction, { challenge: undefined });
  return { proof: { passkey, challenge, party: partyOf(at.tenant) }, at: { ...at, interaction } };
}

async function submitted(call: PageRequest): Promise<PageAnswer> {
  const before = await ongoing(call);
  const somebody = await halfWay(before);
  const { proof, at } = await proofOf(call, before);
  if (proof === undefined) return { ...(await shown(call, at, somebody, 'Enter a code.')), refusal: 'incomplete' };
  const { userId, methods } = somebody.first;
  const result = await checkSecondFactor(secondFactorPorts(), { tenant: at.tenant.tenant, userId, proof });
  // The user of the generation that was looked at: a session of it is over where the password is another by now.
  if (result.outcome === 'ok') return completeSignIn(call, at, somebody.user, withMethod(methods, result.method));
  if (result.outcome === 'refused') {
    const { tenant } = at.tenant;
    const refused = { tenant, action: 'sign_in.refused', object: userId, reason: 'second factor' } as const;
    await refusalLog.note(refused, call.source);
    return { ...(await shown(call, at, somebody, 'This code is wrong, or was used before.')), refusal: 'refused' };
  }
  const { retryAfterSeconds } = result;
  const problem = `Too many attempts. Try again in ${Math.ceil(retryAfterSeconds / 60)} minutes.`;
  return { ...(await shown(call, at, somebody, problem)), refusal: 'slow-down', retryAfterSeconds };
}

export const handler = pageEndpoint(
  page(userPageRoutes.secondFactorPage, async (call) => {
    const at = await ongoing(call);
    return shown(call, at, await halfWay(at));
  }),
  page(userPageRoutes.secondFactor, submitted),
);
