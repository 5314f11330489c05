import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AwsError } from '../../../../local/aws/service.ts';
import { openDynamoDb } from '../../../../local/dynamodb/service.ts';
import { type Table, tableOf } from '../../../../src/adapters/dynamodb/commands.ts';
import { table as names } from '../../../../src/adapters/dynamodb/table.ts';
import { hasJava, startDynamoDbLocal } from '../../../local/dynamodb/amazon-dynamodb-local.ts';
import { serveOnWire } from '../../../local/dynamodb/wire-server.ts';

/** The deployment's table in memory, behind its wire protocol and the SDK. */
export interface EmbeddedTable {
  readonly table: Table;
  readonly tableName: string;
  readonly endpoint: string;
  /** How often each operation was called since it was last asked. */
  calls(): Record<string, number>;
  /** Whether an operation is to fail before it does anything; a test may exchange it. */
  refuses(operation: string): boolean;
  close(): Promise<void>;
}

const attributes = [names.partitionKey, names.sortKey, names.index.partitionKey, names.index.sortKey];

const definition = {
  TableName: 'latchkey',
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
  KeySchema: keySchema(names.partitionKey, names.sortKey),
  GlobalSecondaryIndexes: [
    {
      IndexName: names.index.name,
      KeySchema: keySchema(names.index.partitionKey, names.index.sortKey),
      Projection: { ProjectionType: 'ALL' as const },
    },
  ],
};

export async function openEmbeddedTable(): Promise<EmbeddedTable> {
  const service = await openDynamoDb({
    directory: undefined,
    clock: Date.now,
    accountId: '123456789012',
    region: 'eu-west-1',
  });
  await service.ensureTable(definition);
  const wire = await serveOnWire(service);
  return tableAt(wire.endpoint, async () => {
    await wire.close();
    await service.close();
  });
}

async function openAmazonTable(): Promise<EmbeddedTable> {
  const { endpoint, close } = await startDynamoDbLocal();
  const opened = tableAt(endpoint, close);
  await opened.client.send(new CreateTableCommand(definition));
  return opened;
}

/** What an adapter's contract holds for: the embedded engine and, where there is Java, Amazon's own. */
export const tableEngines = [
  { engine: 'the embedded engine', skipped: false, open: openEmbeddedTable },
  { engine: 'Amazon DynamoDB Local', skipped: !hasJava(), open: openAmazonTable },
];

function tableAt(endpoint: string, close: () => Promise<void>): EmbeddedTable & { readonly client: DynamoDBClient } {
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  let counts: Record<string, number> = {};
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (input) => {
        const operation = commandName.replace('Command', '');
        counts[operation] = (counts[operation] ?? 0) + 1;
        return next(input);
      },
    { step: 'finalizeRequest', name: 'countCalls' },
  );
  return {
    client,
    table: tableOf(
      DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
      definition.TableName,
    ),
    tableName: definition.TableName,
    endpoint,
    calls: () => {
      const counted = counts;
      counts = {};
      return counted;
    },
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

function keySchema(partitionKey: string, sortKey: string) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}
