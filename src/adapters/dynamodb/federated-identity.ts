import * as z from 'zod/mini';
import { Conflict, NotFound } from '../../entities/errors.ts';
import {
  type FederatedIdentity,
  type FederatedIdentityStore,
  type Stale,
  subjectHash,
} from '../../entities/federated-identity.ts';
import { foldedName } from '../../entities/integration-name.ts';
import type { User } from '../../entities/user.ts';
import { once } from '../../once.ts';
import { auditEventActions } from './audit-event.ts';
import { type Action, type Condition, ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { existingProvider, identityProviderKey } from './identity-provider.ts';
import { partitionKey } from './table.ts';
import { emailKey, userItemKey, usernameKey } from './user.ts';

type Subject = Pick<FederatedIdentity, 'tenant' | 'providerId' | 'issuer' | 'subject'>;

/** Where it is found who a subject is; the subject's hash stands in the key, and makes it unique. */
export function subjectKey(identity: Subject): Key {
  return { pk: partitionKey('federated-identity', identity.tenant, identity.providerId), sk: subjectHash(identity) };
}

/** Where the links of a user are listed. */
function userLinkKey(identity: FederatedIdentity): Key {
  return {
    pk: partitionKey('federated-identity', identity.tenant, identity.userId),
    sk: `${identity.providerId}#${subjectHash(identity)}`,
  };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    id: z.string(),
    providerId: z.string(),
    issuer: z.string(),
    subject: z.string(),
    userId: z.string(),
    createdAt: z.string(),
  }),
);

const parseIdentity = (item: Item): FederatedIdentity => z.parse(stored(), item);

/** Both rows of a link, by either of them. */
export function linkKeysOf(item: Item): readonly Key[] {
  const identity = parseIdentity(item);
  return [subjectKey(identity), userLinkKey(identity)];
}

/** It is the link that was read. */
const same = ({ id }: FederatedIdentity): Condition => ({ expression: 'id = :id', values: { ':id': id } });

/** Links taken away in one transaction, two rows each. */
const removedAtOnce = 45;

/** Links over the one table. */
export function federatedIdentities(table: Table): FederatedIdentityStore {
  /** @returns the places of the actions whose conditions do not hold; of none, where all was written */
  async function failuresOf(actions: readonly Action[]): Promise<ReadonlySet<number>> {
    try {
      await table.transact(actions);
      return new Set();
    } catch (error) {
      if (error instanceof ConditionFailed) return new Set(error.failures.keys());
      throw error;
    }
  }

  return {
    async find({ tenant, id, issuer }, subject) {
      const item = await table.get(subjectKey({ tenant, providerId: id, issuer, subject }));
      return item && parseIdentity(item);
    },

    async ofUser(tenant, userId) {
      const { items } = await table.query({ partition: partitionKey('federated-identity', tenant, userId) });
      return items.map(parseIdentity);
    },

    async link(identity, stale, event) {
      const failed = await failuresOf([
        ...linkActions(identity, stale),
        { check: userItemKey(identity.tenant, identity.userId), condition: { expression: 'attribute_exists(pk)' } },
        ...staleActions(stale),
        ...auditEventActions(event),
      ]);
      if (failed.has(at.subject)) throw new Conflict('This subject of the provider is linked to a user.');
      if (failed.size > 0) throw new NotFound();
    },

    async createUser(user, identity, stale, event) {
      const failed = await failuresOf([
        ...linkActions(identity, stale),
        ...creationActions(user),
        ...staleActions(stale),
        ...auditEventActions(event),
      ]);
      if (failed.has(at.subject)) return 'linked already';
      if (failed.has(at.provider)) throw new NotFound();
      if (failed.has(at.email)) return 'email taken';
      return failed.size > 0 ? 'username taken' : 'created';
    },

    async unlink(identity, event) {
      const failed = await failuresOf([
        { delete: subjectKey(identity), condition: same(identity) },
        { delete: userLinkKey(identity) },
        ...auditEventActions(event),
      ]);
      if (failed.size > 0) throw new NotFound();
    },

    async unlinkSome(tenant, providerId) {
      const { items, more } = await table.query({
        partition: partitionKey('federated-identity', tenant, providerId),
        limit: removedAtOnce,
      });
      const identities = items.map(parseIdentity);
      if (identities.length > 0)
        await table.transact(
          identities.flatMap((identity): Action[] => [
            { delete: subjectKey(identity) },
            { delete: userLinkKey(identity) },
          ]),
        );
      return more;
    },
  };
}

/** Places of actions whose conditions may fail, in the transaction of a link or of a user with one. */
const at = { subject: 0, provider: 1, email: 5 } as const;

/** The link's two rows, while the provider is there; a stale one gives way. */
function linkActions(identity: FederatedIdentity, stale: Stale): readonly [Action, Action, Action] {
  const condition = stale === undefined ? isNew : same(stale);
  return [
    { put: { ...subjectKey(identity), ...identity }, condition },
    { check: identityProviderKey(identity.tenant, identity.providerId), condition: existingProvider },
    { put: { ...userLinkKey(identity), ...identity } },
  ];
}

/** What a stale link leaves behind in the list of a user who is gone. */
const staleActions = (stale: Stale): readonly Action[] => (stale === undefined ? [] : [{ delete: userLinkKey(stale) }]);

/** A user's items: its own, and the reservations of username and email. */
function creationActions(user: User): readonly [Action, Action, Action] {
  const { tenant, id, username, email } = user;
  return [
    { put: { ...userItemKey(tenant, id), ...user }, condition: isNew },
    { put: { ...usernameKey(tenant, foldedName(username)), ...user }, condition: isNew },
    { put: { ...emailKey(tenant, foldedName(email)), id }, condition: isNew },
  ];
}
