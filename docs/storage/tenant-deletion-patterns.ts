import type { Item } from '../../src/adapters/dynamodb/commands.ts';
import { type Collection, contentsOf } from '../../src/adapters/dynamodb/tenant-contents.ts';
import { tenantDeletionItem } from '../../src/adapters/dynamodb/tenant-deletion.ts';
import { tenantRemoval } from '../../src/adapters/dynamodb/tenant-removal.ts';
import { deletionSteps } from '../../src/entities/tenant-deletion.ts';
import type { AccessPattern } from './access-patterns.ts';
import { event, federatedIdentity, tenantDeletion, user } from './samples.ts';

const usedBy = ['deployment/tenant-deletions'];
const noSecrets = { delete: async () => undefined };

/** A row by which others are found, of each partition where there are any; elsewhere a row is only itself. */
const rowIn: Readonly<Record<string, Item>> = {
  'APPLICATION_LIST#{tenant}#': { id: '{application}' },
  'APPLICATION##{application}#': { tenants: ['{tenant it is offered to}'] },
  'APP_CONNECTION#{tenant}#': { applicationId: "{another's application}" },
  'INTEGRATION_NAME#{tenant}#': { client_id: '{client_id}' },
  'SSH_KEY#{tenant}#{client_id}#': { fingerprint: 'SHA256:{fingerprint}' },
  'ENDPOINT#{tenant}#': { sk: '{client_id}' },
  'DELIVERY#{tenant}#': { sk: '{client_id}' },
  'IDENTITY_PROVIDER#{tenant}#': { id: '{identity_provider}' },
  'FEDERATED_IDENTITY#{tenant}#{identity_provider}#': { ...federatedIdentity },
  'USERNAME#{tenant}#': { ...user },
  'SESSION#{tenant}#': { sk: '{user_id}' },
  'PROJECT#{tenant}#': { key: '{project}' },
  'AUDIT_EVENT#{tenant}#': {
    sk: '{event}',
    tenant: '{tenant}',
    event_at: '{at}',
    event_actor: '{actor}',
    event_action: '{action}',
    event_object: '{object}',
    request_id: '{request}',
  },
};

/** One page of a collection and what goes with it; what is found by its rows follows, each as a collection of its own. */
function patternsOf(collection: Collection): readonly AccessPattern[] {
  const { partition, index, goingWith } = collection;
  const place = index ? { index_pk: partition, pk: partition.replace(/#$/, '#{id}#') } : { pk: partition };
  const row: Item = { sk: '{row}', ...rowIn[partition], ...place };
  const found = goingWith?.(row);
  const flat: Collection = { ...collection, goingWith: () => ({ keys: found?.keys ?? [] }) };
  return [
    {
      name: `Removing what is left in ${partition}`,
      usedBy,
      holding: [row],
      run: (table) =>
        tenantRemoval(table, noSecrets, () => [flat]).goOn({ ...tenantDeletion, step: 'audit-events' }, () => false),
    },
    ...(found?.collections ?? []).flatMap(patternsOf),
  ];
}

const contents = deletionSteps.flatMap((step) =>
  step === 'waiting' || step === 'tenant' ? [] : contentsOf('{tenant}', step),
);
const byPartition = new Map(contents.flatMap(patternsOf).map((pattern) => [pattern.name, pattern]));

/** How a tenant is removed, collection by collection: a page is read, and removed with what goes with it. */
export const tenantDeletionPatterns: readonly AccessPattern[] = [
  {
    name: 'Deletions that have begun',
    usedBy,
    holding: [tenantDeletionItem(tenantDeletion)],
    run: (table) => tenantRemoval(table, noSecrets).inProgress(),
  },
  ...byPartition.values(),
  {
    name: 'The tenant itself, and the record of its deletion',
    usedBy,
    run: (table) => tenantRemoval(table, noSecrets).finish({ ...tenantDeletion, step: 'tenant' }, event),
  },
];
