import type { Key } from '../../src/adapters/dynamodb/commands.ts';
import { parseSession, sessionKey } from '../../src/adapters/dynamodb/session.ts';
import { parseTenant, parseTenantStanding, tenantKey, tenantStandingKey } from '../../src/adapters/dynamodb/tenant.ts';
import { parseUser, userItemKey } from '../../src/adapters/dynamodb/user.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { matches } from '../../src/entities/recognizable-secret.ts';
import { isCurrent, type Session } from '../../src/entities/session.ts';
import type { Tenant } from '../../src/entities/tenant.ts';
import type { User } from '../../src/entities/user.ts';
import type { Brand } from '../../src/pages/layout.ts';
import type { PageRequest } from './page-endpoint.ts';
import { clock } from './services.ts';
import { table } from './table.ts';

/** Who is signed in with a browser. */
export interface SignedIn {
  readonly session: Session;
  readonly user: User;
}

/** A browser at a tenant's pages. */
export interface Visit {
  readonly tenant: Tenant;
  readonly brand: Brand;
  readonly signedIn: SignedIn | undefined;
}

/**
 * Reads the tenant, and who is signed in there with this browser: one round trip. Of one that is suspended there are no
 * pages, and nobody is signed in there.
 *
 * @param tenantId of a client, an interaction or a path; whether there is such a tenant is found here
 * @throws NotFound
 */
export async function visitOf({ browser }: Pick<PageRequest, 'browser'>, tenantId: string): Promise<Visit> {
  const cookie = browser.unverifiedSession(tenantId);
  const keys = {
    tenant: tenantKey(tenantId),
    standing: tenantStandingKey(tenantId),
    session: cookie && sessionKey(tenantId, cookie.userId, cookie.sessionId),
    user: cookie && userItemKey(tenantId, cookie.userId),
  };
  const items = await table().batchGet(Object.values(keys).filter((key) => key !== undefined));
  const itemAt = (key: Key | undefined) => key && items.find(({ pk, sk }) => pk === key.pk && sk === key.sk);
  const [tenant, session, user] = [itemAt(keys.tenant), itemAt(keys.session), itemAt(keys.user)];
  const standing = itemAt(keys.standing);
  if (tenant === undefined || standing === undefined) throw new NotFound();
  if (parseTenantStanding(standing).status !== 'active') throw new NotFound();
  const found = session && user ? { session: parseSession(session), user: parseUser(user) } : undefined;
  const parsed = parseTenant(tenant);
  return {
    tenant: parsed,
    brand: { name: parsed.name, ...parsed.branding },
    signedIn: found && cookie && holds(found, cookie.secret) ? found : undefined,
  };
}

/** Whether the session is this cookie's, has not run out, and is of an active user whose password is still the same. */
function holds({ session, user }: SignedIn, secret: string): boolean {
  return matches(secret, session.secretHash) && user.status === 'active' && isCurrent(session, user, clock.now());
}
