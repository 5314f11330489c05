import { signingKeys } from '../../src/adapters/dynamodb/deployment.ts';
import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { authorizationServerRoutes } from '../../src/api/routes/authorization-server.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { environment } from '../../src/environment.ts';
import type { Form } from '../../src/oauth/form.ts';
import {
  checkedLogoutRequest,
  type LogoutRequest,
  logoutParameters,
  namesSession,
} from '../../src/oauth/logout-endpoint.ts';
import { signOutPage, whereSignedInPage } from '../../src/pages/sign-out.ts';
import { signedOutPage } from '../../src/pages/signed-out.ts';
import { accountPaths } from '../shared/account-paths.ts';
import { sessionClearCookie } from '../shared/browser.ts';
import {
  basePath,
  formTarget,
  type PageAnswer,
  type PageRequest,
  page,
  pageEndpoint,
  pageForAnySite,
} from '../shared/page-endpoint.ts';
import { variable } from '../shared/services.ts';
import { endOwnSession } from '../shared/session-end.ts';
import { table } from '../shared/table.ts';
import { type SignedIn, type Visit, visitOf } from '../shared/visit.ts';

const checked = (form: Form) =>
  checkedLogoutRequest(form, variable(environment.issuer), {
    integrations: integrationStore(table()),
    keys: signingKeys(table()),
  });

/** What was sent, as far as it means something, to be sent and checked again. */
const sent = (form: Form) =>
  Object.fromEntries(
    logoutParameters.flatMap((name) => {
      const value = form.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const accountOf = (tenant: string) => basePath() + accountPaths(tenant).account;

async function asked(call: PageRequest): Promise<PageAnswer> {
  const request = await checked(call.query);
  if (request.tenant === undefined) return whereSignedIn(call);
  const visit = await visitOf(call, request.tenant);
  const { signedIn, brand } = visit;
  if (signedIn === undefined) return signedOut(request, visit, false);
  if (namesSession(request.hint, signedIn.session)) return signOut(call, request, { ...visit, signedIn }, false);
  const { action, hidden } = formTarget(call, '/sign-out');
  return {
    page: signOutPage({
      brand,
      target: { action, hidden: { ...hidden, ...sent(call.query) } },
      user: signedIn.user,
      application: request.client,
      account: accountOf(request.tenant),
    }),
  };
}

/** A client may post its request; it goes on with a GET, since a browser sends no cookies with another site's form. */
async function posted(call: PageRequest): Promise<PageAnswer> {
  await checked(call.form);
  return { seeOther: `/oauth2/logout?${new URLSearchParams(sent(call.form))}` };
}

async function confirmed(call: PageRequest): Promise<PageAnswer> {
  const request = await checked(call.form);
  if (request.tenant === undefined) throw new NotFound();
  const visit = await visitOf(call, request.tenant);
  const { signedIn } = visit;
  return signedIn ? signOut(call, request, { ...visit, signedIn }, true) : signedOut(request, visit, true);
}

async function signOut(
  call: PageRequest,
  request: LogoutRequest,
  visit: Visit & { readonly signedIn: SignedIn },
  afterForm: boolean,
): Promise<PageAnswer> {
  await endOwnSession(call, visit.signedIn.user, visit.signedIn.session.id);
  return signedOut(request, visit, afterForm);
}

function signedOut({ returnTo }: LogoutRequest, { brand, tenant }: Visit, afterForm: boolean): PageAnswer {
  const cookies = [sessionClearCookie(tenant.tenant)];
  if (returnTo !== undefined) return { leaveFor: returnTo, afterForm, brand, cookies };
  return { page: signedOutPage(brand, accountOf(tenant.tenant)), cookies };
}

/** The most tenants that are looked at; nobody is signed in at more with one browser. */
const tenantsAtMost = 10;

async function whereSignedIn(call: PageRequest): Promise<PageAnswer> {
  const tenants = call.browser.unverifiedTenants().slice(0, tenantsAtMost);
  const visits = await Promise.all(tenants.map((tenant) => visitOf(call, tenant).catch(orNone)));
  const places = visits.flatMap((visit) =>
    visit?.signedIn === undefined
      ? []
      : [{ brand: visit.brand, user: visit.signedIn.user, account: accountOf(visit.tenant.tenant) }],
  );
  return { page: whereSignedInPage(places) };
}

/** A cookie may outlive its tenant. */
function orNone(error: unknown): undefined {
  if (!(error instanceof NotFound)) throw error;
}

export const handler = pageEndpoint(
  page(authorizationServerRoutes.logout, asked),
  pageForAnySite(authorizationServerRoutes.logoutPost, posted),
  page(authorizationServerRoutes.confirmLogout, confirmed),
);
