import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { openDynamoDb } from '../../../../local/dynamodb/service.ts';
import { type Table, tableOf } from '../../../../src/adapters/dynamodb/commands.ts';
import { table as names } from '../../../../src/adapters/dynamodb/table.ts';
import { serveOnWire } from '../../../local/dynamodb/wire-server.ts';

/** The deployment's table in memory, behind its wire protocol and the SDK. */
export interface EmbeddedTable {
  readonly table: Table;
  readonly tableName: string;
  readonly endpoint: string;
  /** How often each operation was called since it was last asked. */
  calls(): Record<string, number>;
  close(): Promise<void>;
}

export async function openEmbeddedTable(): Promise<EmbeddedTable> {
  const tableName = 'latchkey';
  const service = await openDynamoDb({
    directory: undefined,
    clock: Date.now,
    accountId: '123456789012',
    region: 'eu-west-1',
  });
  const attributes = [names.partitionKey, names.sortKey, names.index.partitionKey, names.index.sortKey];
  await service.ensureTable({
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keySchema(names.partitionKey, names.sortKey),
    GlobalSecondaryIndexes: [
      {
        IndexName: names.index.name,
        KeySchema: keySchema(names.index.partitionKey, names.index.sortKey),
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  let counts: Record<string, number> = {};
  const wire = await serveOnWire({
    ...service,
    call: (operation, input) => {
      counts[operation] = (counts[operation] ?? 0) + 1;
      return service.call(operation, input);
    },
  });
  const client = new DynamoDBClient({
    endpoint: wire.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    table: tableOf(
      DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
      tableName,
    ),
    tableName,
    endpoint: wire.endpoint,
    calls: () => {
      const counted = counts;
      counts = {};
      return counted;
    },
    close: async () => {
      client.destroy();
      await wire.close();
      await service.close();
    },
  };
}

function keySchema(partitionKey: string, sortKey: string) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    { AttributeName: sortKey, KeyType: 'RANGE' },
  ];
}
