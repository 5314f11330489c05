import type { Table } from '../../src/adapters/dynamodb/commands.ts';
import { deviceAuthorizations } from '../../src/adapters/dynamodb/device-authorization.ts';
import { signInAttempts } from '../../src/adapters/dynamodb/sign-in-attempts.ts';
import type { AccessPattern } from './access-patterns.ts';
import { deviceAuthorization, tokenFamily } from './samples.ts';

const counted = { count: 1, at: 0, version: 1 };
const devices = (table: Table) => deviceAuthorizations(table, async () => undefined);

/** How devices that wait for a person are reached. */
export const devicePatterns: readonly AccessPattern[] = [
  {
    name: 'A device begins to wait, under a user code that no other has',
    usedBy: ['auth/device-authorization'],
    run: (table) => devices(table).create(deviceAuthorization, 0),
  },
  {
    name: 'A device asks whether somebody decided; what it waits for is shown',
    usedBy: ['auth/token', 'auth/device'],
    run: (table) => devices(table).get('{tenant}', '{SHA-256 of device_code}'),
  },
  {
    name: 'Nobody did yet: the poll is noted',
    usedBy: ['auth/token'],
    run: (table) => devices(table).notePoll(deviceAuthorization, '{now}', 10),
  },
  {
    name: 'Somebody did: the code is spent, its family begins',
    usedBy: ['auth/token'],
    run: (table) => devices(table).redeem(deviceAuthorization, tokenFamily),
  },
  {
    name: 'Where a user code leads to, of whichever tenant',
    usedBy: ['auth/device'],
    run: (table) => devices(table).findByUserCode('{user_code}'),
  },
  {
    name: 'Somebody decides: the user code is gone',
    usedBy: ['auth/device'],
    run: (table) => devices(table).decide(deviceAuthorization, undefined),
  },
  {
    name: 'What was counted of user codes that were tried from an address; beside it is nobody',
    usedBy: ['auth/device'],
    run: (table) => signInAttempts(table).read('ten_0', 'usr_0', ['{counter}']),
  },
  {
    name: 'A try is counted, the first and another one',
    usedBy: ['auth/device'],
    run: (table) =>
      signInAttempts(table).count('ten_0', [
        { counter: '{counter}', before: undefined, after: counted },
        { counter: '{other counter}', before: counted, after: { ...counted, version: 2 } },
      ]),
  },
  {
    name: 'It led somewhere: it is taken off again',
    usedBy: ['auth/device'],
    run: (table) => signInAttempts(table).forgive('ten_0', ['{counter}']),
  },
];
