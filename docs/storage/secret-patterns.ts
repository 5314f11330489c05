import { clientReader } from '../../src/adapters/dynamodb/client-reader.ts';
import { credentialUses } from '../../src/adapters/dynamodb/credential-use.ts';
import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { secretWarnings } from '../../src/adapters/dynamodb/secret-warning.ts';
import type { AccessPattern } from './access-patterns.ts';
import { outgoing } from './delivery-patterns.ts';
import { event, integration } from './samples.ts';

/** When credentials were last used, and the warnings before secrets run out. */
export const secretPatterns: readonly AccessPattern[] = [
  {
    name: 'The client of a token request, with the uses of its credentials',
    usedBy: ['auth/token'],
    run: (table) => clientReader(table, undefined, { uses: true }).get('{tenant}', '{client_id}'),
  },
  {
    name: 'That a credential was used, once an hour',
    usedBy: ['auth/token'],
    run: (table) => credentialUses(table).note(integration, '{secret}', 0),
  },
  {
    name: "When an integration's credentials were last used",
    usedBy: ['admin/secrets'],
    run: (table) => credentialUses(table).get('{tenant}', '{client_id}'),
  },
  {
    name: 'Integrations with a secret that is due to be warned of, of all tenants, the longest due first',
    usedBy: ['deployment/expiring-secrets'],
    run: (table) => secretWarnings(table).due(0, { limit: 20 }),
  },
  {
    name: 'Warning of a secret, and that it was warned of',
    usedBy: ['deployment/expiring-secrets'],
    run: (table) => integrationStore(table).update(integration, integration, { events: [event], outgoing: [outgoing] }),
  },
];
