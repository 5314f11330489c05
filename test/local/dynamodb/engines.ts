import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { openDynamoDb } from '../../../local/dynamodb/service.ts';
import { hasJava, startDynamoDbLocal } from './amazon-dynamodb-local.ts';
import { serveOnWire } from './wire-server.ts';

/** The table that contract tests use, as CloudFormation describes it. */
export const things = {
  TableName: 'things',
  BillingMode: 'PAY_PER_REQUEST' as const,
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ],
  AttributeDefinitions: ['pk', 'sk', 'holder'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-holder',
      KeySchema: [{ AttributeName: 'holder', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'KEYS_ONLY' as const },
    },
  ],
};
export const timeToLive = { AttributeName: 'expires_at', Enabled: true };

export interface RunningEngine {
  readonly client: DynamoDBClient;
  readonly close: () => Promise<void>;
}

export interface Engine {
  readonly name: string;
  /** Why it is not run here. */
  readonly skipped?: string;
  readonly isAmazons: boolean;
  start(): Promise<RunningEngine>;
}

/** What the contract holds for: the embedded engine, in memory here, and Amazon's own. */
export const engines: readonly Engine[] = [
  {
    name: 'the embedded engine',
    isAmazons: false,
    start: async () => {
      const service = await openDynamoDb({ ...here, directory: undefined, clock: Date.now });
      await service.ensureTable({ ...things, TimeToLiveSpecification: timeToLive });
      const wire = await serveOnWire(service);
      const client = clientOf(wire.endpoint);
      return {
        client,
        close: async () => {
          client.destroy();
          await wire.close();
          await service.close();
        },
      };
    },
  },
  {
    name: 'Amazon DynamoDB Local',
    isAmazons: true,
    ...(hasJava() ? {} : { skipped: 'there is no java on the PATH' }),
    start: async () => {
      const { endpoint, close } = await startDynamoDbLocal();
      const client = clientOf(endpoint);
      await client.send(new CreateTableCommand(things));
      await client.send(
        new UpdateTimeToLiveCommand({ TableName: things.TableName, TimeToLiveSpecification: timeToLive }),
      );
      return {
        client,
        close: async () => {
          client.destroy();
          await close();
        },
      };
    },
  },
];

export const here = { accountId: '123456789012', region: 'eu-central-1' };

export function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: here.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}
