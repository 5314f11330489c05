import { federatedIdentities, subjectKey } from '../../src/adapters/dynamodb/federated-identity.ts';
import { identityProviders } from '../../src/adapters/dynamodb/identity-provider.ts';
import type { AccessPattern } from './access-patterns.ts';
import { event, federatedIdentity, identityProvider, user } from './samples.ts';

const administering = 'admin/identity-providers';
const linking = 'admin/federated-identities';
const arriving = 'auth/upstream-callback';
const ownLinks = 'auth/linked-accounts';

const gone = { ...federatedIdentity, userId: '{user who is gone}', id: '{stale link}' };

/** How upstream providers, and who is whom there, are reached. */
export const federationPatterns: readonly AccessPattern[] = [
  {
    name: 'One provider',
    usedBy: [administering, linking, 'auth/upstream', arriving, ownLinks],
    run: (table) => identityProviders(table).get('{tenant}', '{identity_provider}'),
  },
  {
    name: 'A page of providers in the order of ids',
    usedBy: [administering, ownLinks],
    run: (table) => identityProviders(table).list('{tenant}', { limit: 50 }),
  },
  {
    name: 'Registering one',
    usedBy: [administering],
    run: (table) => identityProviders(table).create(identityProvider, event),
  },
  {
    name: 'Changing it',
    usedBy: [administering],
    run: (table) => identityProviders(table).update(identityProvider, identityProvider, event),
  },
  {
    name: 'Taking it away, and writing down that its secret and its links are to go',
    usedBy: [administering],
    run: (table) => identityProviders(table).beginRemoval('{tenant}', '{identity_provider}', event),
  },
  {
    name: 'Taking some of its links away',
    usedBy: [administering],
    holding: [{ ...subjectKey(federatedIdentity), ...federatedIdentity }],
    run: (table) => federatedIdentities(table).unlinkSome('{tenant}', '{identity_provider}'),
  },
  {
    name: 'Nothing of it is left',
    usedBy: [administering],
    run: (table) => identityProviders(table).finishRemoval('{tenant}', '{identity_provider}'),
  },
  {
    name: 'Who a subject of a provider is',
    usedBy: [linking, arriving],
    run: (table) => federatedIdentities(table).find(identityProvider, '{subject}'),
  },
  {
    name: 'The links of a user',
    usedBy: ['auth/token', linking, ownLinks],
    run: (table) => federatedIdentities(table).ofUser('{tenant}', '{user_id}'),
  },
  {
    name: 'Linking a user, while the user and the provider are there, in the place of a user who is gone',
    usedBy: [linking, arriving],
    run: (table) => federatedIdentities(table).link(federatedIdentity, gone, event),
  },
  {
    name: 'Making a user of who arrives, with the link',
    usedBy: [arriving],
    run: (table) => federatedIdentities(table).createUser(user, federatedIdentity, undefined, event),
  },
  {
    name: 'Removing a link',
    usedBy: [linking, ownLinks],
    run: (table) => federatedIdentities(table).unlink(federatedIdentity, event),
  },
];
