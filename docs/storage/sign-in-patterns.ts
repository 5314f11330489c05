import { identityProviders } from '../../src/adapters/dynamodb/identity-provider.ts';
import { sessions } from '../../src/adapters/dynamodb/session.ts';
import { signInAttempts } from '../../src/adapters/dynamodb/sign-in-attempts.ts';
import { userDirectory } from '../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import type { AccessPattern } from './access-patterns.ts';
import { userCredentials as credentials, event, session } from './samples.ts';

/** Where passwords are checked. */
const usedBy = ['auth/token', 'auth/sign-in'];
const before = { count: 1, at: 0, version: 1 };

/** What checking a password reaches. */
export const signInPatterns: readonly AccessPattern[] = [
  {
    name: 'Whose username it is',
    usedBy,
    run: (table) => userDirectory(table).idOf('{tenant}', '{username}'),
  },
  {
    name: 'Whose email it is',
    usedBy,
    run: (table) => userDirectory(table).idOf('{tenant}', '{user}@{email}'),
  },
  {
    name: 'The user, what they sign in with, and what was counted under a name and an address',
    usedBy,
    run: (table) => signInAttempts(table).read('{tenant}', '{user_id}', ['{counter}', '{other counter}']),
  },
  {
    name: 'The first attempt under a name, and another one',
    usedBy,
    run: (table) =>
      signInAttempts(table).count('{tenant}', [
        { counter: '{counter}', before: undefined, after: before },
        { counter: '{other counter}', before, after: { ...before, version: 2 } },
      ]),
  },
  {
    name: 'An attempt that was right is taken off again',
    usedBy,
    run: (table) => signInAttempts(table).forgive('{tenant}', ['{counter}']),
  },
  {
    name: 'The same password, hashed as it is today',
    usedBy,
    run: (table) => userCredentials(table).upgradeHash(credentials, '{hash}'),
  },
  {
    name: 'The providers that a sign-in page offers',
    usedBy: ['auth/sign-in'],
    run: (table) => identityProviders(table).active('{tenant}'),
  },
  {
    name: 'A session begins',
    usedBy: ['auth/sign-in', 'auth/upstream-callback'],
    run: (table) => sessions(table).create(session, event),
  },
  {
    name: 'It goes on under another secret',
    usedBy: ['auth/sign-in', 'auth/upstream-callback'],
    run: (table) => sessions(table).renew(session, session),
  },
];
