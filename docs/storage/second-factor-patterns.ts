import { interactions } from '../../src/adapters/dynamodb/interaction.ts';
import { sessions } from '../../src/adapters/dynamodb/session.ts';
import { signInAttempts } from '../../src/adapters/dynamodb/sign-in-attempts.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import type { AccessPattern } from './access-patterns.ts';
import { userCredentials as credentials, event, interaction, session, user } from './samples.ts';

const step = 'auth/second-factor';
const enrolment = 'auth/enrol-second-factor';
const account = 'auth/account-second-factor';
const password = 'auth/password';
const attempt = { count: 1, at: 0, version: 1 };

/** How second factors are asked for, enrolled and changed, and a password that is known. */
export const secondFactorPatterns: readonly AccessPattern[] = [
  {
    name: 'What a browser is in the middle of begins',
    usedBy: [account, password],
    run: (table) => interactions(table).create(interaction),
  },
  {
    name: 'What it is in the middle of',
    usedBy: [step, enrolment],
    run: (table) => interactions(table).get('{tenant}', '{interaction}'),
  },
  {
    name: 'A challenge for a passkey, and that it was used',
    usedBy: [step, enrolment],
    run: (table) => interactions(table).update(interaction, { challenge: '{challenge}' }),
  },
  {
    name: 'The user, what they sign in with, and the attempts that were counted',
    usedBy: [step, password],
    run: (table) => signInAttempts(table).read('{tenant}', '{user_id}', ['{counter}']),
  },
  {
    name: 'One attempt more, before anything is checked',
    usedBy: [step, password],
    run: (table) =>
      signInAttempts(table).count('{tenant}', [
        { counter: '{counter}', before: undefined, after: attempt },
        { counter: '{other counter}', before: attempt, after: { ...attempt, version: 2 } },
      ]),
  },
  {
    name: 'An attempt that was right is taken off again',
    usedBy: [step, password],
    run: (table) => signInAttempts(table).forgive('{tenant}', ['{counter}']),
  },
  {
    name: 'A code is used up, or the counter of a passkey rises',
    usedBy: [step],
    run: (table) => userCredentials(table).update(credentials, credentials),
  },
  {
    name: 'Another password, and a token generation more',
    usedBy: [password],
    run: (table) => userCredentials(table).changePassword(user, credentials, '{hash}', event),
  },
  {
    name: 'The session goes on under another secret',
    usedBy: [step, enrolment, password],
    run: (table) => sessions(table).renew(session, session),
  },
  {
    name: 'A session begins',
    usedBy: [step, enrolment],
    run: (table) => sessions(table).create(session, event),
  },
];
