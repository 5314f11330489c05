import { passwordLinks } from '../../src/adapters/dynamodb/password-link-store.ts';
import { sessionKey } from '../../src/adapters/dynamodb/session.ts';
import { signInAttempts } from '../../src/adapters/dynamodb/sign-in-attempts.ts';
import { tenantKey } from '../../src/adapters/dynamodb/tenant.ts';
import { userItemKey, users } from '../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import type { AccessPattern } from './access-patterns.ts';
import { userCredentials as credentials, event, passwordLink, user } from './samples.ts';

/** The pages on which users set what they sign in with. */
const atPages = [
  ...['auth/set-password', 'auth/password', 'auth/second-factor', 'auth/enrol-second-factor'],
  'auth/account-second-factor',
];
/** Those that read who somebody is besides. */
const reading = ['auth/set-password', 'auth/second-factor', 'auth/enrol-second-factor'];

/** How users, and what they sign in with, are reached. */
export const userPatterns: readonly AccessPattern[] = [
  {
    name: 'One user',
    usedBy: [
      ...['admin/users', 'admin/sessions', 'admin/consents', 'admin/personal-access-tokens'],
      ...['api/users', ...reading, 'admin/federated-identities', 'auth/upstream-callback'],
    ],
    run: (table) => users(table).get('{tenant}', '{user_id}'),
  },
  {
    name: 'A page of users in the order of folded usernames',
    usedBy: ['admin/users', 'api/users'],
    run: (table) => users(table).list('{tenant}', { limit: 50 }),
  },
  {
    name: 'Creating a user, each project of whose roles exists, with a link to set the password',
    usedBy: ['admin/users'],
    run: (table) => users(table).create(user, event, passwordLink),
  },
  {
    name: 'Changing it, with the email and a project',
    usedBy: ['admin/users'],
    run: (table) => users(table).update({ ...user, email: '{folded old email}', roles: [] }, user, event),
  },
  {
    name: 'Deleting it, with the credentials and the link; that sessions and tokens may be left is written down',
    usedBy: ['admin/users'],
    run: (table) => users(table).delete(user, event),
  },
  {
    name: 'Another link in the place of the last',
    usedBy: ['admin/users'],
    run: (table) => passwordLinks(table).issue(passwordLink, event),
  },
  {
    name: 'The tenant, and who is signed in there with a browser',
    usedBy: atPages,
    run: (table) =>
      table.batchGet([
        tenantKey('{tenant}'),
        sessionKey('{tenant}', '{user_id}', '{session}'),
        userItemKey('{tenant}', '{user_id}'),
      ]),
  },
  {
    name: 'The link of a user',
    usedBy: ['auth/set-password'],
    run: (table) => passwordLinks(table).get('{tenant}', '{user_id}'),
  },
  {
    name: 'Using it up: the password, and a token generation more',
    usedBy: ['auth/set-password'],
    run: (table) => passwordLinks(table).consume(passwordLink, { user, credentials, passwordHash: '{hash}' }, event),
  },
  {
    name: 'A browser that the user is known by',
    usedBy: ['auth/set-password'],
    run: (table) => signInAttempts(table).knowDevice('{tenant}', '{SHA-256 of user and browser}', 0),
  },
  {
    name: 'What a user signs in with',
    usedBy: ['admin/users', 'auth/account-second-factor', 'auth/upstream-callback', 'auth/linked-accounts', ...reading],
    run: (table) => userCredentials(table).get('{tenant}', '{user_id}'),
  },
  {
    name: 'Second factors added or taken away',
    usedBy: ['admin/users', 'auth/account-second-factor', 'auth/enrol-second-factor'],
    run: (table) => userCredentials(table).update(credentials, credentials, event),
  },
];
