import { randomBytes } from 'node:crypto';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { consents } from '../../../src/adapters/dynamodb/consent.ts';
import { sessions } from '../../../src/adapters/dynamodb/session.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { tokenFamilies } from '../../../src/adapters/dynamodb/token-family.ts';
import { userItemKey } from '../../../src/adapters/dynamodb/user.ts';
import { type AuditEvent, auditEvent } from '../../../src/entities/audit-event.ts';
import type { Consent } from '../../../src/entities/consent.ts';
import { newClientId, newId, newTenantId, newUserId } from '../../../src/entities/identifiers.ts';
import type { Session } from '../../../src/entities/session.ts';
import type { Tenant } from '../../../src/entities/tenant.ts';
import type { TokenFamily } from '../../../src/entities/token-family.ts';
import type { User } from '../../../src/entities/user.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { activeTenant } from '../../active-tenant.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { originOf } from '../../src/entities/origin.ts';

const hour = 3_600_000;

/** A timestamp so many hours from now. */
export const inHours = (hours: number): string => new Date(Date.now() + hours * hour).toISOString();

/** An event that goes with what a scene is made of. */
export const someEvent = (tenant: string): AuditEvent =>
  auditEvent({ tenant, action: 'scene.made', object: 'scene' }, originOf('test', '1'), Date.now(), randomBytes);

/** Somebody who signed in, agreed to an app, and calls through it. */
export interface SignedIn {
  readonly caller: AuthorizerContext;
  readonly user: User;
  readonly session: Session;
  readonly consent: Consent;
  readonly family: TokenFamily;
}

/** Makes one in `tenant`, whose token carries `rights` in the global context. */
export async function signIn(
  { table }: EmbeddedTable,
  rights: readonly string[],
  tenant = newTenantId(randomBytes),
): Promise<SignedIn> {
  const id = newUserId(randomBytes);
  const clientId = newClientId(tenant, randomBytes);
  const at = inHours(-1);
  const user: User = {
    ...{ tenant, id, username: id, email: `${id}@example.com`, name: 'Ada', roles: ['member'], status: 'active' },
    ...{ tokenGeneration: 3, version: 1, createdAt: at },
  };
  const signedIn = { authenticatedAt: at, methods: ['pwd', 'otp'] } as const;
  const session = sessionOf(user);
  const consent: Consent = {
    ...{ tenant, userId: id, clientId, id: newId('cns', randomBytes), scopes: ['openid'] },
    rights: { global: ['issues:read'], byProject: { PRJ: ['issues:write'] } },
    ...{ createdAt: at, updatedAt: at },
  };
  const family: TokenFamily = {
    ...{ tenant, id: newId('fam', randomBytes), clientId, grantType: 'authorization_code', credential: 'none' },
    user: { ...signedIn, id, generation: 3, sessionId: session.id, offline: false, consentId: consent.id },
    ...{ operator: false, scopes: ['openid'], rights: consent.rights, resources: [] },
    ...{ createdAt: at, expiresAt: inHours(24) },
  };
  await table.put(tenantItem(tenantOf(tenant)));
  await table.put(activeTenant(tenant));
  await table.put({ ...userItemKey(tenant, id), ...user });
  await sessions(table).create(session, someEvent(tenant));
  await consents(table).put(undefined, consent, someEvent(tenant));
  await tokenFamilies(table).create(family);
  const caller: AuthorizerContext = {
    ...{ kind: 'access-token', tenant, subject: id, clientId, credential: 'none', tokenId: 'tok_1' },
    ...{
      familyId: family.id,
      sessionId: session.id,
      consentId: consent.id,
      rights,
      projectRights: {},
      ofOperator: false,
    },
  };
  return { caller, user, session, consent, family };
}

/** A tenant of that id; tests set its policy. */
export const tenantOf = (tenant: string, policy?: Tenant['policy']): Tenant => ({
  ...{ tenant, name: 'Tenant', operator: false, managers: 1 },
  ...(policy && { policy }),
});

/** Another session of the user. */
export function sessionOf({ tenant, id: userId, tokenGeneration }: User, more: Partial<Session> = {}): Session {
  return {
    ...{ tenant, userId, id: newId('ses', randomBytes), secretHash: 'hash', userGeneration: tokenGeneration },
    ...{ authenticatedAt: inHours(-1), methods: ['pwd', 'otp'], createdAt: inHours(-1), expiresAt: inHours(7) },
    ...more,
  };
}

/** An administrator of the same tenant, whose token may manage users. */
export const administratorOf = ({ tenant }: { readonly tenant: string }): AuthorizerContext => ({
  ...{ kind: 'access-token', tenant, subject: newUserId(randomBytes), clientId: newClientId(tenant, randomBytes) },
  ...{ credential: 'sec_1', tokenId: 'tok_2', rights: ['users:manage'], projectRights: {}, ofOperator: false },
});

/** The integration that somebody's token came through, acting for itself. */
export const machineOf = ({ caller: { familyId: _, sessionId: __, consentId: ___, ...caller } }: SignedIn) => ({
  ...caller,
  subject: caller.clientId,
});

/** What the tenant's log says besides how the scene was made, newest first. */
export async function audited({ table }: EmbeddedTable, { tenant }: { readonly tenant: string }) {
  const { items } = await auditEventStore(table).list(tenant, {}, { limit: 100 });
  return items.filter(({ action }) => action !== 'scene.made');
}
