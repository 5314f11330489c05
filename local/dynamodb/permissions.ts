import type { Item } from 'dynalite/db/index.js';
import type { ConditionContext, Permission } from '../aws/service.ts';
import { accessedAttributes, partitionKeyCondition } from './expression-attributes.ts';
import { jsonObject, requestedTable } from './request-validation.ts';
import type { Store } from './store.ts';

export interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** The action as which each part of a transaction is authorized. */
const transactionActions: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

/**
 * What IAM checks for a request: the action on the table (or on the index that a query names), with the condition keys
 * of the Service Authorization Reference, "Condition keys for Amazon DynamoDB". A transaction needs each of its parts.
 */
export function permissionsOf(store: Store, place: Place, operation: string, input: unknown): readonly Permission[] {
  const body = jsonObject(input);
  switch (operation) {
    case 'TransactWriteItems':
    case 'TransactGetItems':
      return transactionPermissions(store, place, operation, body);
    case 'BatchGetItem':
      return batches(body).map(([table, requested]) => {
        const request = jsonObject(requested);
        const keys = (Array.isArray(request.Keys) ? request.Keys : []).map(asItem);
        return permission(place, operation, table, undefined, {
          ...keyContext(store, table, keys),
          'dynamodb:Attributes': accessedAttributes(request, keys),
          'dynamodb:Select': [selectOf(request)],
          ...given(body, 'ReturnConsumedCapacity'),
        });
      });
    case 'BatchWriteItem':
      return batches(body).map(([table, requested]) => {
        const items = (Array.isArray(requested) ? requested : []).map((each) =>
          asItem(each?.PutRequest?.Item ?? each?.DeleteRequest?.Key),
        );
        return permission(place, operation, table, undefined, {
          ...keyContext(store, table, items),
          'dynamodb:Attributes': accessedAttributes({}, items),
          ...given(body, 'ReturnConsumedCapacity'),
        });
      });
    case 'Query':
    case 'Scan':
      return [rangePermission(store, place, operation, body)];
    case 'DescribeTable':
    case 'DescribeTimeToLive':
    case 'UpdateTimeToLive':
      return [permission(place, operation, requestedTable(body), undefined, {})];
    default:
      return [itemPermission(store, place, operation, body, {})];
  }
}

function transactionPermissions(
  store: Store,
  place: Place,
  operation: string,
  body: Record<string, unknown>,
): readonly Permission[] {
  const elements = Array.isArray(body.TransactItems) ? body.TransactItems : [];
  return elements.flatMap((element) =>
    Object.entries(jsonObject(element)).flatMap(([kind, request]) => {
      const action = transactionActions[kind];
      return action === undefined || request === null || request === undefined
        ? []
        : [
            itemPermission(store, place, action, jsonObject(request), {
              'dynamodb:EnclosingOperation': [operation],
              ...given(body, 'ReturnConsumedCapacity'),
            }),
          ];
    }),
  );
}

function itemPermission(
  store: Store,
  place: Place,
  action: string,
  request: Record<string, unknown>,
  context: ConditionContext,
): Permission {
  const table = requestedTable(request);
  const items = [asItem(request.Key ?? request.Item)];
  return permission(place, action, table, undefined, {
    ...keyContext(store, table, items),
    'dynamodb:Attributes': accessedAttributes(request, items),
    ...(action === 'GetItem' ? { 'dynamodb:Select': [selectOf(request)] } : given(request, 'ReturnValues')),
    ...given(request, 'ReturnConsumedCapacity'),
    ...context,
  });
}

function rangePermission(store: Store, place: Place, operation: string, request: Record<string, unknown>): Permission {
  const table = requestedTable(request);
  const index = typeof request.IndexName === 'string' ? request.IndexName : undefined;
  const definition = store.findTable(table)?.definition;
  const indexes = [...(definition?.GlobalSecondaryIndexes ?? []), ...(definition?.LocalSecondaryIndexes ?? [])];
  const keySchema =
    index === undefined ? definition?.KeySchema : indexes.find(({ IndexName }) => IndexName === index)?.KeySchema;
  const partitionKey = keySchema?.[0]?.AttributeName;
  const leading =
    operation === 'Query' && partitionKey !== undefined ? partitionKeyCondition(request, partitionKey) : undefined;
  return permission(place, operation, table, index, {
    ...(leading === undefined ? {} : { 'dynamodb:LeadingKeys': [leading] }),
    'dynamodb:Attributes': accessedAttributes(request, []),
    'dynamodb:Select': [selectOf(request)],
    ...given(request, 'ReturnConsumedCapacity'),
  });
}

function permission(
  { region, accountId }: Place,
  action: string,
  table: string,
  index: string | undefined,
  context: ConditionContext,
): Permission {
  const tableArn = `arn:aws:dynamodb:${region}:${accountId}:table/${table}`;
  return {
    action: `dynamodb:${action}`,
    resource: index === undefined ? tableArn : `${tableArn}/index/${index}`,
    // A key without values is absent from the request, as `Null` and the set operators see it.
    context: Object.fromEntries(Object.entries(context).filter(([, values]) => values.length > 0)),
  };
}

/** `dynamodb:LeadingKeys`: the partition key of each item that the request touches. */
function keyContext(store: Store, table: string, items: readonly Item[]): ConditionContext {
  const partitionKey = store.findTable(table)?.definition.KeySchema[0]?.AttributeName;
  const values = items.flatMap((item) => {
    const value = partitionKey === undefined ? undefined : Object.values(item[partitionKey] ?? {})[0];
    return typeof value === 'string' ? [value] : [];
  });
  return { 'dynamodb:LeadingKeys': [...new Set(values)] };
}

/** What is no item names no attribute; running the request refuses it. */
function asItem(value: unknown): Item {
  return typeof value === 'object' && value !== null ? (value as Item) : {};
}

/** `dynamodb:Select`, with the default that the request has without one. */
function selectOf(request: Record<string, unknown>): string {
  if (typeof request.Select === 'string') {
    return request.Select;
  }
  if (typeof request.ProjectionExpression === 'string') {
    return 'SPECIFIC_ATTRIBUTES';
  }
  return request.IndexName === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}

function given(request: Record<string, unknown>, member: string): ConditionContext {
  const value = request[member];
  return typeof value === 'string' ? { [`dynamodb:${member}`]: [value] } : {};
}

function batches(body: Record<string, unknown>): readonly [string, unknown][] {
  return Object.entries(jsonObject(body.RequestItems));
}
