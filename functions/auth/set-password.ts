import { passwordLinks } from '../../src/adapters/dynamodb/password-link-store.ts';
import { userPageRoutes } from '../../src/api/routes/user-pages.ts';
import { passwordHash } from '../../src/authentication/password-hash.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { isOpenedBy, type PasswordLink, userOfPasswordLink } from '../../src/entities/password-link.ts';
import { counterName } from '../../src/entities/sign-in-attempts.ts';
import type { User } from '../../src/entities/user.ts';
import { noCredentials } from '../../src/entities/user-credentials.ts';
import { once } from '../../src/once.ts';
import { linkOverPage, passwordSetPage, setPasswordPage } from '../../src/pages/set-password.ts';
import { accountPaths } from '../shared/account-paths.ts';
import { tenantInPath } from '../shared/account-tenant.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { chosenPassword } from '../shared/new-password.ts';
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
import { table } from '../shared/table.ts';
import { userStore } from '../shared/user-change.ts';
import { type Visit, visitOf } from '../shared/visit.ts';

const links = once(() => passwordLinks(table()));

/** A link that opens, and whom it is for. */
interface OpenLink {
  readonly text: string;
  readonly link: PasswordLink;
  readonly user: User;
}

/** The link of this text, where it is the user's latest, was not used, and is not too old. */
async function openLink(tenant: string, text = ''): Promise<OpenLink | undefined> {
  const userId = userOfPasswordLink(text);
  if (userId === undefined) return undefined;
  const [link, user] = await Promise.all([links().get(tenant, userId), userStore().get(tenant, userId)]);
  return link && user && isOpenedBy(link, text, user, clock.now()) ? { text, link, user } : undefined;
}

const over = ({ brand }: Visit): PageAnswer => ({ page: linkOverPage(brand), refusal: 'gone' });

function shown(request: PageRequest, { brand, tenant }: Visit, { text, user }: OpenLink, fault?: string): PageAnswer {
  const target = formTarget(request, accountPaths(tenant.tenant).setPassword);
  const withLink = { ...target, hidden: { ...target.hidden, link: text } };
  return {
    page: setPasswordPage({ brand, target: withLink, username: user.username, fault }),
    ...(fault !== undefined && { refusal: 'incomplete' }),
  };
}

/** Looks, and uses nothing up: mail programs and scanners open links too. */
async function show(request: PageRequest): Promise<PageAnswer> {
  const visit = await visitOf(request, tenantInPath(request));
  const found = await openLink(visit.tenant.tenant, request.query.get('link'));
  return found ? shown(request, visit, found) : over(visit);
}

async function set(request: PageRequest): Promise<PageAnswer> {
  const visit = await visitOf(request, tenantInPath(request));
  const { tenant } = visit.tenant;
  const found = await openLink(tenant, request.form.get('link'));
  if (found === undefined) return over(visit);
  const chosen = chosenPassword(request.form, found.user);
  if ('fault' in chosen) return shown(request, visit, found, chosen.fault);
  const { attempts, credentials, parameters } = signInPorts();
  const hash = await passwordHash(chosen.password, randomBytes, parameters);
  // Whoever holds the link is let in, whatever strangers are guessing meanwhile. The last write uses the link up.
  const device = { kind: 'device', userId: found.user.id, device: request.browser.hash } as const;
  await attempts.knowDevice(tenant, counterName(device), clock.now());
  const used = await decideAgain(async () => {
    const now = await openLink(tenant, found.text);
    if (now === undefined) return false;
    const { user, link } = now;
    const before = (await credentials.get(tenant, user.id)) ?? noCredentials(tenant, user.id);
    const change = { tenant, action: 'user.password_set', object: user.id };
    const event = auditEvent(change, request.originOf(user.id), clock.now(), randomBytes);
    return links().consume(link, { user, credentials: before, passwordHash: hash }, event);
  });
  if (!used) return over(visit);
  return { page: passwordSetPage(visit.brand, basePath() + accountPaths(tenant).account) };
}

export const handler = pageEndpoint(page(userPageRoutes.setPasswordPage, show), page(userPageRoutes.setPassword, set));
