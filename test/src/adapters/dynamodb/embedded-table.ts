import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AwsError } from '../../../../local/aws/service.ts';
import { openDynamoDb } from '../../../../local/dynamodb/service.ts';
import { type Table, tableOf } from '../../../../src/adapters/dynamodb/commands.ts';
import { table as names } from '../../../../src/adapters/dynamodb/table.ts';
import { hasJava, startDynamoDbLocal } from '../../../local/dynamodb/amazon-dynamodb-local.ts';
import { serveOnWire } from '../../../local/dynamodb/wire-server.ts';

/** The deployment's table in some engine, behind its wire protocol and the SDK. */
export interface TableUnderTest {
  readonly table: Table;
  close(): Promise<void>;
}

/** The deployment's table in the embedded engine, in memory. */
export interface EmbeddedTable extends TableUnderTest {
  readonly tableName: string;
  readonly endpoint: string;
  /** How often each operation was called since it was last asked. */
  calls(): Record<string, number>;
  /** Whether an operation is to fail before it does anything; a test may exchange it. It is waited for: others may come first. */
  refuses(operation: string): boolean | Promise<boolean>;
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
  let counts: Record<string, number> = {};
  const faults: Pick<EmbeddedTable, 'refuses'> = { refuses: () => false };
  const wire = await serveOnWire({
    ...service,
    call: async (operation, input) => {
      counts[operation] = (counts[operation] ?? 0) + 1;
      if (await faults.refuses(operation)) throw new AwsError('InternalServerError', 'The test says so.', 500);
      return service.call(operation, input);
    },
  });
  const { client, table } = tableAt(wire.endpoint);
  return Object.assign(faults, {
    table,
    tableName: definition.TableName,
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
  });
}

async function openAmazonTable(): Promise<TableUnderTest> {
  const { endpoint, close } = await startDynamoDbLocal();
  const { client, table } = tableAt(endpoint);
  await client.send(new CreateTableCommand(definition));
  return {
    table,
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

/** What an adapter's contract holds for: the embedded engine and, where there is Java, Amazon's own. */
export const tableEngines: readonly {
  readonly engine: string;
  readonly skipped: boolean;
  readonly open: () => Promise<TableUnderTest>;
}[] = [
  { engine: 'the embedded engine', skipped: false, open: openEmbeddedTable },
  { engine: 'Amazon DynamoDB Local', skipped: !hasJava(), open: openAmazonTable },
];

/** The same table, and how often each of its methods was called: each is one round trip. */
export function countingTable(table: Table): { readonly table: Table; readonly calls: Record<string, number> } {
  const calls: Record<string, number> = {};
  const counted = <Arguments extends unknown[], Result>(name: string, method: (...given: Arguments) => Result) => {
    return (...given: Arguments): Result => {
      calls[name] = (calls[name] ?? 0) + 1;
      return method(...given);
    };
  };
  return {
    calls,
    table: {
      get: counted('get', table.get),
      batchGet: counted('batchGet', table.batchGet),
      query: counted('query', table.query),
      put: counted('put', table.put),
      transact: counted('transact', table.transact),
    },
  };
}

function tableAt(endpoint: string) {
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return { client, table: tableOf(documents, definition.TableName) };
}

function keySchema(partitionKey: string, sortKey: string) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}
