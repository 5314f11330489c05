import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Table, tableOf } from '../../src/adapters/dynamodb/commands.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { clientOptions, variable } from './services.ts';

/** The deployment's one table; in a file of its own, so that a function that touches none has no client in its bundle. */
export const table: () => Table = once(() =>
  tableOf(
    DynamoDBDocumentClient.from(new DynamoDBClient(clientOptions), {
      marshallOptions: { removeUndefinedValues: true },
    }),
    variable(environment.tableName),
  ),
);
