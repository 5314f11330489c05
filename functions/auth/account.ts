import { integrationNames } from '../../src/adapters/dynamodb/integration-store.ts';
import { pageRoutes } from '../../src/api/routes/pages.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import type { Consent } from '../../src/entities/consent.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { tenantOfClientId } from '../../src/entities/identifiers.ts';
import { isCurrent, type Session } from '../../src/entities/session.ts';
import { accountPage } from '../../src/pages/account.ts';
import { signedOutPage } from '../../src/pages/signed-out.ts';
import { type AtAccount, accountPath, atAccount } from '../shared/account.ts';
import { accountPaths } from '../shared/account-paths.ts';
import { tenantInPath } from '../shared/account-tenant.ts';
import { consentStore } from '../shared/authorization.ts';
import { sessionClearCookie } from '../shared/browser.ts';
import {
  basePath,
  formTarget,
  type PageAnswer,
  type PageRequest,
  page,
  pageEndpoint,
} from '../shared/page-endpoint.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { endOwnSession, sessionStore } from '../shared/session-end.ts';
import { table } from '../shared/table.ts';
import { visitOf } from '../shared/visit.ts';

/** Applications on one page. */
const limit = 50;

const sessionPattern = /^ses_[0-9A-Za-z]{22}$/;

async function overview(call: PageRequest, { brand, tenant: { tenant }, signedIn }: AtAccount): Promise<PageAnswer> {
  const { user, session: current } = signedIn;
  const after = call.query.get('after');
  const [all, { items, last }] = await Promise.all([
    sessionStore().list(tenant, user.id),
    consentStore().list(tenant, user.id, { limit, ...(after !== undefined && isClientOf(tenant, after) && { after }) }),
  ]);
  const names = await integrationNames(table()).of(
    tenant,
    items.map(({ clientId }) => clientId),
  );
  const target = (rest: string, field: Readonly<Record<string, string>> = {}) => {
    const { action, hidden } = formTarget(call, accountPath(tenant, rest));
    return { action, hidden: { ...hidden, ...field } };
  };
  const session = (each: Session) => ({
    ...each,
    current: each.id === current.id,
    end: target('/sessions', { session: each.id }),
  });
  const consent = (each: Consent) => ({
    ...each,
    name: names.get(each.clientId),
    withdraw: target('/consents', { client_id: each.clientId }),
  });
  return {
    page: accountPage({
      brand,
      user,
      sessions: latestFirst(all.filter((each) => isCurrent(each, user, clock.now()))).map(session),
      consents: items.map(consent),
      ...(last !== undefined && { moreConsents: `${basePath()}${accountPath(tenant)}?after=${last}` }),
      links: {
        password: basePath() + accountPaths(tenant).password,
        linkedAccounts: basePath() + accountPath(tenant, '/linked'),
        secondFactors: basePath() + accountPaths(tenant).secondFactors,
      },
      signOut: target('/sign-out'),
    }),
  };
}

const isClientOf = (tenant: string, clientId: string) => tenantOfClientId(clientId) === tenant;

const latestFirst = (all: readonly Session[]): Session[] =>
  [...all].sort((one, other) => Date.parse(other.authenticatedAt) - Date.parse(one.authenticatedAt));

async function endSession(call: PageRequest, { signedIn, tenant }: AtAccount): Promise<PageAnswer> {
  const id = call.form.get('session') ?? '';
  if (!sessionPattern.test(id)) throw new NotFound();
  await endOwnSession(call, signedIn.user, id);
  return { seeOther: accountPath(tenant.tenant) };
}

async function withdraw(
  call: PageRequest,
  { signedIn: { user, session }, tenant: { tenant } }: AtAccount,
): Promise<PageAnswer> {
  const clientId = call.form.get('client_id') ?? '';
  if (!isClientOf(tenant, clientId)) throw new NotFound();
  const change = { tenant, action: 'consent.withdrawn', object: user.id, changes: { client_id: clientId } };
  const event = auditEvent(change, call.originOf(user.id, session.id), clock.now(), randomBytes);
  await consentStore().withdraw(tenant, user.id, clientId, event);
  return { seeOther: accountPath(tenant) };
}

async function signOut(call: PageRequest, { signedIn, tenant: { tenant } }: AtAccount): Promise<PageAnswer> {
  await endOwnSession(call, signedIn.user, signedIn.session.id);
  return { seeOther: accountPath(tenant, '/signed-out'), cookies: [sessionClearCookie(tenant)] };
}

async function signedOut(call: PageRequest): Promise<PageAnswer> {
  const tenant = tenantInPath(call);
  const { brand } = await visitOf(call, tenant);
  return { page: signedOutPage(brand, basePath() + accountPath(tenant)) };
}

export const handler = pageEndpoint(
  page(pageRoutes.account, (call) => atAccount(call, (at) => overview(call, at))),
  page(pageRoutes.endOwnSessionPage, (call) => atAccount(call, (at) => endSession(call, at))),
  page(pageRoutes.withdrawOwnConsentPage, (call) => atAccount(call, (at) => withdraw(call, at))),
  page(pageRoutes.signOut, (call) => atAccount(call, (at) => signOut(call, at))),
  page(pageRoutes.signedOut, signedOut),
);
