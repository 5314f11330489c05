import { consents } from '../../src/adapters/dynamodb/consent.ts';
import { integrationNames } from '../../src/adapters/dynamodb/integration-store.ts';
import { personalAccessTokenItem } from '../../src/adapters/dynamodb/personal-access-token.ts';
import { personalAccessTokens } from '../../src/adapters/dynamodb/personal-access-token-store.ts';
import { sessions } from '../../src/adapters/dynamodb/session.ts';
import { partitionKey } from '../../src/adapters/dynamodb/table.ts';
import { tokenFamilies } from '../../src/adapters/dynamodb/token-family.ts';
import type { AccessPattern } from './access-patterns.ts';
import { event, personalAccessToken } from './samples.ts';

/** Where a session notes a client that it gave tokens to. */
const clientOfSession = {
  pk: partitionKey('session', '{tenant}', '{user_id}'),
  sk: 'CLIENT#{session_id}#{client_id}',
};

/** How users, and administrators for them, reach what they let in. */
export const ownAccessPatterns: readonly AccessPattern[] = [
  {
    name: "A user's sessions",
    usedBy: ['admin/sessions', 'auth/account'],
    run: (table) => sessions(table).list('{tenant}', '{user_id}'),
  },
  {
    name: 'Ending a session, and writing down which clients are to be told',
    usedBy: [
      ...['admin/sessions', 'auth/sign-in', 'auth/upstream-callback', 'auth/account', 'auth/logout'],
      ...['auth/second-factor', 'auth/enrol-second-factor'],
    ],
    holding: [clientOfSession],
    run: (table) => sessions(table).end('{tenant}', '{user_id}', '{session_id}', event),
  },
  {
    name: "A page of a user's consents",
    usedBy: ['admin/consents', 'auth/account'],
    run: (table) => consents(table).list('{tenant}', '{user_id}', { limit: 50 }),
  },
  {
    name: 'What integrations are called',
    usedBy: ['admin/consents', 'auth/sign-in', 'auth/accounts', 'auth/account'],
    run: (table) => integrationNames(table).of('{tenant}', ['{client_id}']),
  },
  {
    name: 'Withdrawing a consent, and with it the personal access tokens made through the app',
    usedBy: ['admin/consents', 'auth/account'],
    holding: [personalAccessTokenItem(personalAccessToken)],
    run: (table) => consents(table).withdraw('{tenant}', '{user_id}', '{client_id}', event),
  },
  {
    name: "A user's personal access tokens",
    usedBy: ['admin/personal-access-tokens'],
    run: (table) => personalAccessTokens(table).list('{tenant}', '{user_id}'),
  },
  {
    name: 'The token family of the token that makes one',
    usedBy: ['admin/personal-access-tokens'],
    run: (table) => tokenFamilies(table).get('{tenant}', '{family}'),
  },
  {
    name: 'Making a personal access token, while the consent to the app stands',
    usedBy: ['admin/personal-access-tokens'],
    run: (table) => personalAccessTokens(table).create(personalAccessToken, event),
  },
  {
    name: 'Revoking it',
    usedBy: ['admin/personal-access-tokens'],
    run: (table) => personalAccessTokens(table).revoke(personalAccessToken, event),
  },
];
