import { identityProviders } from '../../src/adapters/dynamodb/identity-provider.ts';
import { ConcurrentChange } from '../../src/entities/errors.ts';
import { randomText } from '../../src/entities/identifiers.ts';
import {
  type IdentityProvider,
  redirectUriOf,
  tenantOfIdentityProvider,
} from '../../src/entities/identity-provider.ts';
import type { Interaction, UpstreamRequest } from '../../src/entities/interaction.ts';
import { hashOf, matches } from '../../src/entities/recognizable-secret.ts';
import { environment } from '../../src/environment.ts';
import { authorizationUrl, type RequestBinding } from '../../src/federation/arrival.ts';
import { reachableMetadata } from '../../src/federation/metadata.ts';
import { isRefused, type Refused } from '../../src/federation/refusal.ts';
import { once } from '../../src/once.ts';
import { upstreamRefusalPage } from '../../src/pages/upstream-refusal.ts';
import type { Browser } from './browser.ts';
import { InteractionOver } from './http-errors.ts';
import { decidedAt, interactionStore, type Ongoing } from './interaction.ts';
import { logger } from './logger.ts';
import { basePath, type PageAnswer, type PageRequest } from './page-endpoint.ts';
import { clock, randomBytes, variable } from './services.ts';
import { table } from './table.ts';
import { outside } from './upstream-provider.ts';

const providers = /* @__PURE__ */ once(() => identityProviders(table()));

/** Where a provider sends browsers back to. */
export const redirectUriAt = (provider: Pick<IdentityProvider, 'id'>) =>
  redirectUriOf(variable(environment.issuer), provider);

/**
 * What an answer is bound with: the state names the interaction, and the rest follows from the state and the browser's
 * own cookie, so that no other browser has it and the table does not either.
 */
export const bindingOf = (browser: Browser, state: string): RequestBinding => ({
  state,
  nonce: browser.secretFor('nonce', state),
  codeVerifier: browser.secretFor('code-verifier', state),
});

/** The active provider of the tenant. */
export async function offeredProvider(tenant: string, id: string): Promise<IdentityProvider | Refused> {
  const found = tenantOfIdentityProvider(id) === tenant ? await providers().get(tenant, id) : undefined;
  return found?.status === 'active' ? found : { refused: 'unavailable', reason: 'no active provider' };
}

/**
 * Sends the browser to a provider.
 *
 * @param linkTo the user who is to be linked; absent where somebody signs in
 */
export async function goUpstream(
  { browser }: PageRequest,
  at: Pick<Ongoing, 'brand' | 'interaction' | 'signedIn'>,
  providerId: string,
  linkTo?: string,
): Promise<PageAnswer> {
  const { interaction, brand } = at;
  const provider = await offeredProvider(interaction.tenant, providerId);
  if (isRefused(provider)) return refusedUpstream(at, provider);
  const metadata = await reachableMetadata(provider.issuer, outside());
  if (isRefused(metadata)) return refusedUpstream(at, metadata, provider);
  const state = `${interaction.id}.${randomText(randomBytes, 43)}`;
  await interactionStore().update(interaction, {
    upstream: { providerId, stateHash: hashOf(state), ...(linkTo !== undefined && { linkTo }) },
  });
  const url = await authorizationUrl(
    metadata,
    provider,
    redirectUriAt(provider),
    bindingOf(browser, state),
    mustSignInAnew(interaction),
  );
  return { leaveFor: url, afterForm: true, brand, provider: provider.name };
}

/** Whoever must sign in anew here must do so there: a provider would else answer by a session that it has. */
function mustSignInAnew({ purpose }: Interaction): boolean {
  if (purpose.kind !== 'authorization') return false;
  const { prompt = [], max_age } = purpose.parameters;
  return max_age !== undefined || prompt.some((each) => each.split(' ').includes('login'));
}

/** How long ago whoever arrives may have signed in at the provider, in seconds: since the interaction began. */
export function maxAgeOf(interaction: Interaction): number | undefined {
  if (!mustSignInAnew(interaction)) return undefined;
  return Math.ceil((clock.now() - Date.parse(interaction.createdAt)) / 1000);
}

/** The interaction that a state names; the text alone proves nothing. */
export const interactionOfState = (state: string): string => state.slice(0, state.indexOf('.'));

/**
 * Takes the one answer that the interaction waits for from this provider: of two that bring the same state, one.
 *
 * @throws InteractionOver
 */
export async function takeUpstreamAnswer<At extends Ongoing>(
  at: At,
  providerId: string,
  state: string,
): Promise<At & { readonly upstream: UpstreamRequest }> {
  const { upstream } = at.interaction;
  if (upstream?.providerId !== providerId || !matches(state, upstream.stateHash))
    throw new InteractionOver('no such answer of a provider is waited for');
  try {
    return { ...at, interaction: await interactionStore().update(at.interaction, { upstream: undefined }), upstream };
  } catch (error) {
    throw error instanceof ConcurrentChange ? new InteractionOver('another answer was faster') : error;
  }
}

/** The page that says why nobody was signed in, with a way back to where it began. */
export function refusedUpstream(
  { brand, interaction, signedIn }: Pick<Ongoing, 'brand' | 'interaction' | 'signedIn'>,
  { refused, reason }: Refused,
  provider?: IdentityProvider,
): PageAnswer {
  logger.info('nobody signed in through a provider', { provider: provider?.id, refused, reason });
  const { id, purpose } = interaction;
  const back =
    purpose.kind === 'account' && signedIn !== undefined
      ? { url: basePath() + decidedAt(interaction), text: 'Back to your account' }
      : { url: `${basePath()}/sign-in?interaction=${id}`, text: 'Back to sign in' };
  return { page: upstreamRefusalPage({ brand, refusal: refused, provider: provider?.name, back }), refusal: 'refused' };
}
