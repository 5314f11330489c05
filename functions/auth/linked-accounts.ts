import { federatedIdentities } from '../../src/adapters/dynamodb/federated-identity.ts';
import { identityProviders } from '../../src/adapters/dynamodb/identity-provider.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import { upstreamRoutes } from '../../src/api/routes/upstream.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { offeredAtMost } from '../../src/entities/identity-provider.ts';
import { newInteraction } from '../../src/entities/interaction.ts';
import { once } from '../../src/once.ts';
import { linkedAccountsPage } from '../../src/pages/linked-accounts.ts';
import { type AtAccount, accountPath, atAccount } from '../shared/account.ts';
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
import { table } from '../shared/table.ts';
import { goUpstream } from '../shared/upstream-request.ts';

const links = once(() => federatedIdentities(table()));

const here = (tenant: string) => accountPath(tenant, '/linked');

/** Whoever links must have shown within this time that it is they: a link is a way to sign in. */
const recentMilliseconds = 600_000;

async function shown(
  call: PageRequest,
  { brand, tenant: { tenant }, signedIn }: AtAccount,
  problem?: string,
): Promise<PageAnswer> {
  const [linked, providers] = await Promise.all([
    links().ofUser(tenant, signedIn.user.id),
    identityProviders(table()).list(tenant, { limit: offeredAtMost }),
  ]);
  const target = (action: string, field: Readonly<Record<string, string>>) => {
    const { hidden, ...rest } = formTarget(call, action);
    return { ...rest, hidden: { ...hidden, ...field } };
  };
  const isOffered = ({ id, status }: (typeof providers.items)[number]) =>
    status === 'active' && !linked.some(({ providerId }) => providerId === id);
  return {
    page: linkedAccountsPage({
      brand,
      links: linked.map(({ id, providerId, createdAt }) => ({
        id,
        createdAt,
        provider: providers.items.find((each) => each.id === providerId)?.name,
        remove: target(`${here(tenant)}/remove`, { id }),
      })),
      offered: providers.items.filter(isOffered).map(({ id, name }) => ({
        name,
        target: target(here(tenant), { identity_provider: id }),
      })),
      accountUrl: basePath() + accountPath(tenant),
      problem,
    }),
    ...(problem !== undefined && { refusal: 'refused' }),
  };
}

async function link(call: PageRequest, { brand, tenant: { tenant }, signedIn }: AtAccount): Promise<PageAnswer> {
  const now = clock.now();
  const purpose = { kind: 'account', returnTo: here(tenant) } as const;
  const interaction = newInteraction(tenant, purpose, call.browser.hash, now, randomBytes);
  await interactionStore().create(interaction);
  if (now - Date.parse(signedIn.session.authenticatedAt) > recentMilliseconds)
    return { seeOther: `/sign-in?interaction=${interaction.id}` };
  return goUpstream(call, { interaction, brand, signedIn }, call.form.get('identity_provider') ?? '', signedIn.user.id);
}

async function remove(call: PageRequest, at: AtAccount): Promise<PageAnswer> {
  const { tenant, id: userId } = at.signedIn.user;
  const linked = await links().ofUser(tenant, userId);
  const identity = linked.find(({ id }) => id === call.form.get('id'));
  if (identity === undefined) throw new NotFound();
  const password = (await userCredentials(table()).get(tenant, userId))?.passwordHash;
  if (linked.length === 1 && password === undefined)
    return shown(call, at, 'You sign in with this account alone. Set a password first, or link another account.');
  const changes = { federated_identity: identity.id, identity_provider: identity.providerId };
  const change = { tenant, action: 'user.identity_unlinked', object: userId, changes };
  await links().unlink(
    identity,
    auditEvent(change, call.originOf(userId, at.signedIn.session.id), clock.now(), randomBytes),
  );
  return { seeOther: here(tenant) };
}

export const handler = pageEndpoint(
  page(upstreamRoutes.linkedAccounts, (call) => atAccount(call, (at) => shown(call, at), here)),
  page(upstreamRoutes.linkAccount, (call) => atAccount(call, (at) => link(call, at), here)),
  page(upstreamRoutes.unlinkAccount, (call) => atAccount(call, (at) => remove(call, at), here)),
);
