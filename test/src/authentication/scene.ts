import { randomBytes } from 'node:crypto';
import { signInAttempts } from '../../../src/adapters/dynamodb/sign-in-attempts.ts';
import { userDirectory, users } from '../../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../../src/adapters/dynamodb/user-credentials-store.ts';
import { passwordHash, type ScryptParameters } from '../../../src/authentication/password-hash.ts';
import type { SignInPorts } from '../../../src/authentication/sign-in.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import { newTenantId, newUserId } from '../../../src/entities/identifiers.ts';
import type { User } from '../../../src/entities/user.ts';
import { noCredentials } from '../../../src/entities/user-credentials.ts';
import { countingTable, type EmbeddedTable, openEmbeddedTable } from '../adapters/dynamodb/embedded-table.ts';
import { originOf } from '../entities/origin.ts';

/** Cheap, since what they cost is not what is tested. */
export const cheap: ScryptParameters = { logN: 4, r: 1, p: 1 };

export const password = 'Correct horse battery';

/** Users who sign in over one table, with a clock that the test moves. */
export async function signInScene() {
  const embedded: EmbeddedTable = await openEmbeddedTable();
  const counted = countingTable(embedded.table);
  const { table } = counted;
  const time = { now: Date.parse('2026-11-21T10:00:00.000Z') };
  const ports: SignInPorts = {
    clock: { now: () => time.now },
    pause: async (atMost) => new Promise((resolve) => setTimeout(resolve, Math.random() * atMost)),
    randomBytes,
    directory: userDirectory(table),
    credentials: userCredentials(table),
    attempts: signInAttempts(table),
    parameters: cheap,
  };
  const tenant = newTenantId(randomBytes);
  const event = (action: string, object: string) =>
    auditEvent({ tenant, action, object }, originOf('usr_1'), time.now, randomBytes);

  /** A user of a random name with the password. */
  const newUser = async (more: Partial<User> = {}, parameters: ScryptParameters = cheap): Promise<User> => {
    const username = `u${randomBytes(6).toString('hex')}`;
    const user: User = {
      tenant,
      id: newUserId(randomBytes),
      username,
      email: `${username}@example.com`,
      name: 'Ada Lovelace',
      roles: ['member'],
      status: 'active',
      tokenGeneration: 0,
      version: 1,
      createdAt: new Date(time.now).toISOString(),
      ...more,
    };
    await users(table).create(user, event('user.created', user.id));
    const none = noCredentials(tenant, user.id);
    const hash = await passwordHash(password, randomBytes, parameters);
    await ports.credentials.update(none, { ...none, passwordHash: hash });
    return user;
  };

  return {
    ports,
    tenant,
    table,
    calls: counted.calls,
    event,
    newUser,
    /** Lets so many seconds pass. */
    later: (seconds: number) => {
      time.now += seconds * 1000;
    },
    close: () => embedded.close(),
  };
}

export type SignInScene = Awaited<ReturnType<typeof signInScene>>;
