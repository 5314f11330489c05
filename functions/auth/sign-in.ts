import { identityProviders } from '../../src/adapters/dynamodb/identity-provider.ts';
import { pageRoutes } from '../../src/api/routes/pages.ts';
import { signIn } from '../../src/authentication/sign-in.ts';
import { signInPage } from '../../src/pages/sign-in.ts';
import { applicationOf, type Ongoing, ongoing } from '../shared/interaction.ts';
import { formTarget, type PageAnswer, type PageRequest, page, pageEndpoint } from '../shared/page-endpoint.ts';
import { refusalLog } from '../shared/refusal-log.ts';
import { signInPorts } from '../shared/sign-in.ts';
import { completeFirstFactor } from '../shared/sign-in-completion.ts';
import { table } from '../shared/table.ts';

/** The page, empty or again with what was wrong. */
async function shown(
  call: PageRequest,
  { interaction, brand, tenant }: Ongoing,
  again: { readonly username?: string | undefined; readonly problem?: string } = {},
) {
  const { id, purpose } = interaction;
  const [application, providers] = await Promise.all([
    applicationOf(interaction),
    identityProviders(table()).active(tenant.tenant),
  ]);
  const hint = purpose.kind === 'authorization' ? purpose.parameters.login_hint?.[0] : undefined;
  return signInPage({
    brand,
    target: formTarget(call, '/sign-in', id),
    application,
    providers: providers.map((provider) => ({
      name: provider.name,
      target: formTarget(call, `/upstream/${provider.id}/start`, id),
    })),
    username: hint,
    ...again,
  });
}

async function submitted(call: PageRequest): Promise<PageAnswer> {
  const at = await ongoing(call);
  const [username, password] = [call.form.get('username'), call.form.get('password')];
  if (username === undefined || password === undefined)
    return {
      page: await shown(call, at, { username, problem: 'Enter your username and your password.' }),
      refusal: 'incomplete',
    };
  const result = await signIn(signInPorts(), {
    tenant: at.tenant.tenant,
    username,
    password,
    address: call.address,
    device: call.browser.hash,
  });
  if (result.outcome === 'ok') return completeFirstFactor(call, at, result.user, ['pwd'], result.secondFactors);
  if (result.outcome === 'refused') {
    const { tenant } = at.tenant;
    const refused = { tenant, action: 'sign_in.refused', object: result.userId ?? tenant, reason: 'password' } as const;
    await refusalLog.note(refused, call.source);
    return { page: await shown(call, at, { username, problem: 'Username or password is wrong.' }), refusal: 'refused' };
  }
  const { retryAfterSeconds } = result;
  const problem = `Too many attempts. Try again in ${inWords(retryAfterSeconds)}.`;
  return { page: await shown(call, at, { username, problem }), refusal: 'slow-down', retryAfterSeconds };
}

function inWords(seconds: number): string {
  const [count, unit] = seconds < 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

export const handler = pageEndpoint(
  page(pageRoutes.signInPage, async (call) => ({ page: await shown(call, await ongoing(call)) })),
  page(pageRoutes.signIn, submitted),
);
