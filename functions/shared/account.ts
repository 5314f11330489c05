import { newInteraction } from '../../src/entities/interaction.ts';
import { tenantInPath } from './account-tenant.ts';
import { interactionStore } from './interaction.ts';
import type { PageAnswer, PageRequest } from './page-endpoint.ts';
import { clock, randomBytes } from './services.ts';
import { type SignedIn, type Visit, visitOf } from './visit.ts';

/** A user at their own pages. */
export interface AtAccount extends Visit {
  readonly signedIn: SignedIn;
}

/** The pages of a user's account, of the tenant in the path. */
export function accountPath(tenant: string, rest = ''): string {
  return `/t/${tenant}/account${rest}`;
}

/**
 * Answers one of the pages below `/t/{tenant}` to whoever is signed in there; somebody else signs in first.
 *
 * @param returnTo where to come back to then, below the issuer; default: the account page
 * @throws NotFound where the path names no tenant
 */
export async function atAccount(
  request: PageRequest,
  answer: (at: AtAccount) => Promise<PageAnswer>,
  returnTo?: (tenant: string) => string,
): Promise<PageAnswer> {
  const tenant = tenantInPath(request);
  const { signedIn, ...visit } = await visitOf(request, tenant);
  if (signedIn) return answer({ ...visit, signedIn });
  return signInFirst(request, tenant, returnTo?.(tenant) ?? accountPath(tenant));
}

/**
 * Sends the browser to sign in, again where somebody is signed in with it already.
 *
 * @param returnTo where to come back to then, below the issuer
 */
export async function signInFirst(
  { browser }: Pick<PageRequest, 'browser'>,
  tenant: string,
  returnTo: string,
): Promise<PageAnswer> {
  const purpose = { kind: 'account', returnTo } as const;
  const interaction = newInteraction(tenant, purpose, browser.hash, clock.now(), randomBytes);
  await interactionStore().create(interaction);
  return { seeOther: `/sign-in?interaction=${interaction.id}` };
}
