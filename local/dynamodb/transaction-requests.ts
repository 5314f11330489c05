import { AwsError } from '../aws/service.ts';
import { validationException } from './dynalite-error.ts';
import { parseWrite, type WriteOperation, type WriteRequest } from './item-requests.ts';
import { choice, jsonObject, validated } from './request-validation.ts';
import type { Store } from './store.ts';

/** Actions of one transaction at most. */
const maxActions = 100;

/** The four kinds of action, and the single write whose request they share. */
export const actionOperations: Readonly<Record<string, WriteOperation>> = {
  ConditionCheck: 'DeleteItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
};

export interface TransactionAction {
  readonly request: WriteRequest;
  /** A ConditionCheck: the condition decides, nothing is written. */
  readonly checkOnly: boolean;
}

/**
 * Reads a TransactWriteItems request. `content` is everything that must be the same when its token is used again.
 * Refuses more than 100 actions, an element without exactly one action, and two actions on one item.
 */
export function parseTransactWrite(
  store: Store,
  input: unknown,
): {
  actions: readonly TransactionAction[];
  token: string | undefined;
  content: unknown;
  capacityMode: string | undefined;
} {
  const body = jsonObject(input);
  const capacityMode = choice(body, 'ReturnConsumedCapacity', ['INDEXES', 'TOTAL', 'NONE']);
  const elements = transactItems(body);
  const actions = elements.map((element) => parseAction(store, element));
  if (new Set(actions.map(({ request }) => request.record)).size < actions.length) {
    throw validationException('Transaction request cannot include multiple operations on one item');
  }
  return {
    actions,
    token: clientToken(body),
    content: elements,
    capacityMode,
  };
}

/** Reads a TransactGetItems request into GetItem requests as dynalite's validation leaves them. */
export function parseTransactGet(input: unknown): readonly Record<string, unknown>[] {
  const body = jsonObject(input);
  choice(body, 'ReturnConsumedCapacity', ['INDEXES', 'TOTAL', 'NONE']);
  return transactItems(body).map((element) => {
    const { Get, ...others } = element;
    if (Get === undefined || Object.keys(others).length > 0) {
      throw validationException('1 validation error detected: Member must not be null at transactItems.member.get');
    }
    const { TableName, Key, ProjectionExpression, ExpressionAttributeNames } = jsonObject(Get);
    return validated('GetItem', { TableName, Key, ProjectionExpression, ExpressionAttributeNames });
  });
}

function transactItems(body: Record<string, unknown>): readonly Record<string, unknown>[] {
  const items = body.TransactItems;
  if (items === undefined || items === null) {
    throw validationException(
      "1 validation error detected: Value null at 'transactItems' failed to satisfy constraint: Member must not be null",
    );
  }
  if (!Array.isArray(items)) {
    throw new AwsError('SerializationException', 'Unexpected field type');
  }
  if (items.length < 1 || items.length > maxActions) {
    throw validationException(
      "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length " +
        (items.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${maxActions}`),
    );
  }
  return items.map(jsonObject);
}

function parseAction(store: Store, element: Record<string, unknown>): TransactionAction {
  const [kind, ...more] = Object.keys(element).filter((name) => element[name] !== undefined && element[name] !== null);
  const operation = kind === undefined ? undefined : actionOperations[kind];
  if (kind === undefined || operation === undefined || more.length > 0) {
    throw validationException('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  const { ReturnValues, ...body } = jsonObject(element[kind]);
  const required = { ConditionCheck: 'ConditionExpression', Update: 'UpdateExpression' }[kind];
  if (required !== undefined && (body[required] === undefined || body[required] === null)) {
    const path = `${required.slice(0, 1).toLowerCase()}${required.slice(1)}`;
    throw validationException(
      `1 validation error detected: Value null at 'transactItems.member.${kind.toLowerCase()}.${path}' ` +
        'failed to satisfy constraint: Member must not be null',
    );
  }
  return { request: parseWrite(store, operation, body), checkOnly: kind === 'ConditionCheck' };
}

function clientToken(body: Record<string, unknown>): string | undefined {
  const token = body.ClientRequestToken;
  if (token === undefined || token === null) {
    return undefined;
  }
  if (typeof token !== 'string' || token.length < 1 || token.length > 36) {
    throw validationException(
      `1 validation error detected: Value '${String(token)}' at 'clientRequestToken' failed to satisfy constraint: ` +
        'Member must have length between 1 and 36',
    );
  }
  return token;
}
