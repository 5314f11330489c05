import type * as z from 'zod/mini';
import { consents } from '../../src/adapters/dynamodb/consent.ts';
import { integrationNames } from '../../src/adapters/dynamodb/integration-store.ts';
import type { consentAnswer } from '../../src/api/schemas/consent.ts';
import { heldRightsBody } from '../../src/api/schemas/held-rights.ts';
import type { pageQuery } from '../../src/api/schemas/page.ts';
import { auditEvent, type Origin } from '../../src/entities/audit-event.ts';
import type { Consent } from '../../src/entities/consent.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { tenantOfClientId } from '../../src/entities/identifiers.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { endpoint } from '../shared/endpoint.ts';
import { existingUser, namedUser, ownUser, type UserOfTenant } from '../shared/own-user.ts';
import { pageBody } from '../shared/page.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const store = once(() => consents(table()));
const names = once(() => integrationNames(table()));

interface NamedConsent extends Consent {
  readonly name: string | undefined;
}

function consentBody(consent: NamedConsent): z.output<typeof consentAnswer> {
  return {
    client_id: consent.clientId,
    ...(consent.name !== undefined && { name: consent.name }),
    scopes: [...consent.scopes],
    rights: heldRightsBody(consent.rights),
    created_at: consent.createdAt,
    updated_at: consent.updatedAt,
  };
}

async function list(
  { tenant, userId }: UserOfTenant,
  route: 'listConsents' | 'listConsentsOfUser',
  query: z.output<typeof pageQuery>,
) {
  const scope = { tenant, route, filters: { userId } };
  const named = async (page: { readonly limit: number; readonly after?: string }) => {
    const { items, last } = await store().list(tenant, userId, page);
    const nameOf = await names().of(
      tenant,
      items.map(({ clientId }) => clientId),
    );
    const shown = items.map((consent): NamedConsent => ({ ...consent, name: nameOf.get(consent.clientId) }));
    return { items: shown, ...(last !== undefined && { last }) };
  };
  return { body: await pageBody(query, scope, named, consentBody) };
}

async function withdraw({ tenant, userId }: UserOfTenant, clientId: string, origin: Origin) {
  if (tenantOfClientId(clientId) !== tenant) throw new NotFound();
  const change = { tenant, action: 'consent.withdrawn', object: userId, changes: { client_id: clientId } };
  const event = auditEvent(change, origin, clock.now(), randomBytes);
  await decideAgain(() => store().withdraw(tenant, userId, clientId, event));
  return {};
}

export const handler = endpoint({
  listConsents: async ({ caller, query }) => list(ownUser(caller), 'listConsents', query),
  withdrawConsent: async ({ caller, path, origin }) => withdraw(ownUser(caller), path.client_id, origin),
  listConsentsOfUser: async ({ caller, path, query }) => {
    const whose = namedUser(caller, path.user_id);
    const [page] = await Promise.all([list(whose, 'listConsentsOfUser', query), existingUser(whose)]);
    return page;
  },
  withdrawConsentOfUser: async ({ caller, path, origin }) =>
    withdraw(namedUser(caller, path.user_id), path.client_id, origin),
});
