import * as z from 'zod/mini';
import type { Integration } from '../../entities/integration.ts';
import type { SshKey, SshKeyChange } from '../../entities/ssh-key.ts';
import { once } from '../../once.ts';
import { type Action, type Item, isNew, type Key } from './commands.ts';
import { partitionKey } from './table.ts';

/** Where a key lies; an integration's share a partition. */
export function sshKeyKey(tenant: string, clientId: string, id: string): Key {
  return { pk: partitionKey('ssh-key', tenant, clientId), sk: id };
}

/**
 * Reserves a fingerprint in its tenant and says whose it is. What is base64 there becomes base64url: parts of a key hold
 * nothing else.
 */
export function fingerprintKey(tenant: string, fingerprint: string): Key {
  const text = fingerprint.slice('SHA256:'.length).replaceAll('+', '-').replaceAll('/', '_');
  return { pk: partitionKey('ssh-key', tenant, 'fingerprint', text), sk: 'SSH_KEY' };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    clientId: z.string(),
    id: z.string(),
    name: z.string(),
    type: z.string(),
    blob: z.string(),
    fingerprint: z.string(),
    createdAt: z.string(),
    lastUsedAt: z.optional(z.string()),
  }),
);

/** The key of an item read from {@link sshKeyKey}. */
export const parseSshKey = (item: Item): SshKey => z.parse(stored(), item);

/** The item of a key. */
function sshKeyItem(key: SshKey): Item {
  return { ...sshKeyKey(key.tenant, key.clientId, key.id), ...key };
}

/**
 * The row that makes the key its integration's alone, and says all that a lookup must read besides: a connection keeps
 * its application for life.
 */
function sshKeyReservationItem({ tenant, clientId, id, fingerprint }: SshKey, applicationId: string | undefined): Item {
  return {
    ...fingerprintKey(tenant, fingerprint),
    clientId,
    id,
    ...(applicationId !== undefined && { applicationId }),
  };
}

/**
 * What a change of a key writes, in the transaction of its integration's change. Where the condition of the reservation
 * fails, somebody in the tenant has the key.
 */
export function sshKeyActions(
  { tenant, clientId, application }: Pick<Integration, 'tenant' | 'clientId' | 'application'>,
  change: SshKeyChange,
): { readonly key: Action; readonly reservation: Action } {
  if ('added' in change)
    return {
      key: { put: sshKeyItem(change.added), condition: isNew },
      reservation: { put: sshKeyReservationItem(change.added, application?.id), condition: isNew },
    };
  const { id, fingerprint } = change.removed;
  return {
    key: { delete: sshKeyKey(tenant, clientId, id) },
    reservation: { delete: fingerprintKey(tenant, fingerprint) },
  };
}
