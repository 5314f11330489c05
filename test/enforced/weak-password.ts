import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import { defaultPlace } from '../../local/assembly.ts';
import { openDynamoDb } from '../../local/dynamodb/service.ts';
import { userCredentialsKey } from '../../src/adapters/dynamodb/user-credentials.ts';
import { passwordHash } from '../../src/authentication/password-hash.ts';
import type { Person } from './people.ts';

/** Keeps somebody's password, in a deployment that is not running, as an earlier one would have hashed it. */
export async function weakenPassword(
  { id, password }: Person,
  { dataDirectory, tableName, tenant }: { dataDirectory: string; tableName: string; tenant: string },
): Promise<void> {
  const weaker = await passwordHash(password, (size) => randomBytes(size), { logN: 10, r: 8, p: 1 });
  const table = await openDynamoDb({ directory: join(dataDirectory, 'dynamodb'), clock: Date.now, ...defaultPlace });
  await table.call('UpdateItem', {
    TableName: tableName,
    Key: marshall(userCredentialsKey(tenant, id)),
    UpdateExpression: 'SET passwordHash = :weaker',
    ConditionExpression: 'attribute_exists(passwordHash)',
    ExpressionAttributeValues: marshall({ ':weaker': weaker }),
  });
  await table.close();
}
