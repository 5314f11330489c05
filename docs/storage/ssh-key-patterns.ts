import { integrationItem } from '../../src/adapters/dynamodb/integration.ts';
import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { sshKeyActions } from '../../src/adapters/dynamodb/ssh-key.ts';
import { sshKeys } from '../../src/adapters/dynamodb/ssh-key-reader.ts';
import type { AccessPattern } from './access-patterns.ts';
import { event, integration, sshKey } from './samples.ts';

const usedBy = ['admin/ssh-keys'];
const { tenant, clientId, id, fingerprint } = sshKey;
const reference = { id, fingerprint };
const having = { ...integration, sshKeys: [reference] };
const connection = { ...integration, application: { id: '{application}', acceptedVersion: 1, rights: {} } };
const { key, reservation } = sshKeyActions(connection, { added: sshKey });
const items = [key, reservation].flatMap((action) => ('put' in action ? [action.put] : []));

/** SSH keys of integrations, and whose one is. */
export const sshKeyPatterns: readonly AccessPattern[] = [
  {
    name: 'Every key of an integration, beside whether that is there',
    usedBy,
    run: (table) => sshKeys(table).list(tenant, clientId),
  },
  {
    name: 'One key',
    usedBy,
    run: (table) => sshKeys(table).get(tenant, clientId, id),
  },
  {
    name: 'Adding one that nobody in the tenant has',
    usedBy,
    run: (table) => integrationStore(table).update(integration, having, { events: [event], sshKey: { added: sshKey } }),
  },
  {
    name: 'Revoking one',
    usedBy,
    run: (table) =>
      integrationStore(table).update(having, integration, { events: [event], sshKey: { removed: reference } }),
  },
  {
    name: 'Deleting an integration that has one',
    usedBy: ['admin/integrations'],
    run: (table) => integrationStore(table).delete(having, { events: [event] }),
  },
  {
    name: 'Whose key a fingerprint is, with its application where it is a connection, and what it holds in one project',
    usedBy,
    holding: [...items, integrationItem(connection)],
    run: (table) => sshKeys(table).owner(tenant, fingerprint, '{project}'),
  },
  {
    name: 'That a key was used, once an hour',
    usedBy,
    run: (table) => sshKeys(table).noteUse(sshKey, 0),
  },
];
