import { userPageRoutes } from '../../src/api/routes/user-pages.ts';
import { newRecoveryCodes } from '../../src/authentication/recovery-codes.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { firstFactorOf, newInteraction } from '../../src/entities/interaction.ts';
import { hasSecond } from '../../src/entities/session.ts';
import {
  hasSecondFactor,
  noCredentials,
  secondFactorsOf,
  type UserCredentials,
  withoutSecondFactors,
} from '../../src/entities/user-credentials.ts';
import { once } from '../../src/once.ts';
import { accountSecondFactorPage } from '../../src/pages/account-second-factor.ts';
import { recoveryCodesPage } from '../../src/pages/enrol-second-factor.ts';
import { type AtAccount, atAccount, signInFirst } from '../shared/account.ts';
import { accountPaths } from '../shared/account-paths.ts';
import { isFresh } from '../shared/first-factor.ts';
import { interactionStore } from '../shared/interaction.ts';
import {
  basePath,
  formTarget,
  type PageAnswer,
  type PageRequest,
  page,
  pageEndpoint,
} from '../shared/page-endpoint.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { signInPorts } from '../shared/sign-in.ts';

const store = once(() => signInPorts().credentials);
const pathOf = (tenant: string) => accountPaths(tenant).secondFactors;

/** Somebody at the page, and what they sign in with. */
interface Owner extends AtAccount {
  readonly credentials: UserCredentials;
}

const withCredentials = (call: PageRequest, answer: (owner: Owner) => Promise<PageAnswer>) =>
  atAccount(
    call,
    async (at) => {
      const { tenant, id } = at.signedIn.user;
      return answer({ ...at, credentials: (await store().get(tenant, id)) ?? noCredentials(tenant, id) });
    },
    pathOf,
  );

async function shown(
  call: PageRequest,
  owner: Owner,
  problem?: string,
): Promise<Extract<PageAnswer, { page: unknown }>> {
  const { brand, tenant, credentials } = owner;
  return {
    page: accountSecondFactorPage({
      brand,
      target: formTarget(call, pathOf(tenant.tenant)),
      totpSince: credentials.totp?.createdAt,
      passkeys: credentials.passkeys,
      recoveryCodes: credentials.recoveryCodes.length,
      accountUrl: basePath() + accountPaths(tenant.tenant).account,
      problem,
    }),
  };
}

/** Changes are for who has just signed in, with a second factor where they have one (step-up). */
function submitted(call: PageRequest): Promise<PageAnswer> {
  return withCredentials(call, async (owner) => {
    const { tenant, signedIn, credentials } = owner;
    const { authenticatedAt, methods } = signedIn.session;
    const proved = isFresh(authenticatedAt) && (hasSecond(methods) || !hasSecondFactor(secondFactorsOf(credentials)));
    if (!proved) return signInFirst(call, tenant.tenant, pathOf(tenant.tenant));
    const action = call.form.get('action');
    if (action === 'add') return add(call, owner);
    if (action === 'codes') return newCodes(call, owner);
    if (action === 'remove') return remove(call, owner, call.form.get('factor') ?? '');
    return shown(call, owner);
  });
}

/** Goes on where everybody enrols, as who has signed in already. */
async function add({ browser }: PageRequest, { tenant, signedIn }: Owner): Promise<PageAnswer> {
  const purpose = { kind: 'account', returnTo: pathOf(tenant.tenant) } as const;
  const interaction = newInteraction(tenant.tenant, purpose, browser.hash, clock.now(), randomBytes);
  await interactionStore().create({ ...interaction, firstFactor: firstFactorOf(signedIn.session) });
  return { seeOther: `/enrol-second-factor?interaction=${interaction.id}` };
}

function eventOf({ originOf }: PageRequest, { credentials, signedIn }: Owner, action: string, kind?: string) {
  const { tenant, userId } = credentials;
  const change = { tenant, action, object: userId, ...(kind !== undefined && { changes: { kind } }) };
  return auditEvent(change, originOf(userId, signedIn.session.id), clock.now(), randomBytes);
}

async function newCodes(call: PageRequest, owner: Owner): Promise<PageAnswer> {
  const { credentials, brand, tenant } = owner;
  if (!hasSecondFactor(secondFactorsOf(credentials))) return shown(call, owner);
  const { codes, hashes } = newRecoveryCodes(randomBytes);
  const event = eventOf(call, owner, 'user.recovery_codes_replaced');
  await store().update(credentials, { ...credentials, recoveryCodes: hashes }, event);
  const next = { url: basePath() + pathOf(tenant.tenant), label: 'I have kept them' };
  return { page: recoveryCodesPage({ brand, codes, next }) };
}

async function remove(call: PageRequest, owner: Owner, factor: string): Promise<PageAnswer> {
  const { credentials, tenant } = owner;
  const after: UserCredentials =
    factor === 'totp'
      ? { ...credentials, totp: undefined, lastTotpStep: undefined }
      : { ...credentials, passkeys: credentials.passkeys.filter(({ id }) => id !== factor) };
  const isLast = !hasSecondFactor(secondFactorsOf(after));
  if (isLast && tenant.policy?.secondFactorRequired) {
    const problem = `${tenant.name} asks for a second step: add another one before you remove this one.`;
    return { ...(await shown(call, owner, problem)), refusal: 'refused' };
  }
  const event = eventOf(call, owner, 'user.second_factor_removed', factor === 'totp' ? 'totp' : 'passkey');
  // Recovery codes stand in for a second factor; without one they are nothing.
  await store().update(credentials, isLast ? withoutSecondFactors(credentials) : after, event);
  return { seeOther: pathOf(tenant.tenant) };
}

export const handler = pageEndpoint(
  page(userPageRoutes.accountSecondFactorPage, (call) => withCredentials(call, (owner) => shown(call, owner))),
  page(userPageRoutes.changeSecondFactor, submitted),
);
