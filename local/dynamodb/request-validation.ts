import batchGetItem from 'dynalite/validations/batchGetItem.js';
import batchWriteItem from 'dynalite/validations/batchWriteItem.js';
import deleteItem from 'dynalite/validations/deleteItem.js';
import getItem from 'dynalite/validations/getItem.js';
import type { Custom, Types } from 'dynalite/validations/index.js';
import validations from 'dynalite/validations/index.js';
import putItem from 'dynalite/validations/putItem.js';
import query from 'dynalite/validations/query.js';
import scan from 'dynalite/validations/scan.js';
import updateItem from 'dynalite/validations/updateItem.js';
import { AwsError } from '../aws/service.ts';
import { awsError, validationException } from './dynalite-error.ts';

const described: Readonly<Record<string, { types: Types; custom?: Custom }>> = {
  GetItem: getItem,
  BatchGetItem: batchGetItem,
  PutItem: putItem,
  UpdateItem: updateItem,
  DeleteItem: deleteItem,
  BatchWriteItem: batchWriteItem,
  Query: query,
  Scan: scan,
};

/** Members that AWS keeps for clients older than expressions; neither this engine nor its permissions know them. */
const legacyMembers = [
  'AttributesToGet',
  'AttributeUpdates',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
];

/** Bytes of one expression at most (Developer Guide, "Quotas": expression parameters). */
const maxExpressionBytes = 4096;

/** A member of the body that must be a JSON object. */
export function jsonObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'Start of structure or map expected');
  }
  return value as Record<string, unknown>;
}

/** The table that a request names; a request without one is refused. */
export function requestedTable(input: unknown): string {
  const { TableName } = jsonObject(input);
  if (typeof TableName !== 'string') {
    throw validationException("The parameter 'TableName' is required but was not present in the request");
  }
  return TableName;
}

/**
 * The request as dynalite's validation leaves it: known members only, numbers normalized, expressions parsed into
 * `_condition`, `_updates`, `_projection`, `_filter` and `_keyCondition`. The input is not changed.
 */
export function validated(operation: string, input: unknown): Record<string, unknown> {
  const description = described[operation];
  if (description === undefined) {
    throw new Error(`No validation is described for ${operation}.`);
  }
  const body = structuredClone(jsonObject(input));
  refuseLegacy(body);
  return checked(body, description.types, description.custom);
}

/** Checks `body` (which it changes) against a description of shapes in dynalite's form. */
export function checked(body: Record<string, unknown>, types: Types, custom?: Custom): Record<string, unknown> {
  try {
    const data = validations.checkTypes(body, types);
    assertExpressionSizes(data);
    validations.checkValidations(data, types, custom, { options: { maxItemSize: Number.MAX_SAFE_INTEGER } });
    return data;
  } catch (error) {
    throw error instanceof Error ? awsError(error) : error;
  }
}

/** A member that takes one of a few names; absent is `undefined`. */
export function choice(body: Record<string, unknown>, member: string, names: readonly string[]): string | undefined {
  const value = body[member];
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value !== 'string' || !names.includes(value)) {
    const path = `${member.slice(0, 1).toLowerCase()}${member.slice(1)}`;
    throw validationException(
      `1 validation error detected: Value '${String(value)}' at '${path}' failed to satisfy constraint: ` +
        `Member must satisfy enum value set: [${names.join(', ')}]`,
    );
  }
  return value;
}

function refuseLegacy(body: Record<string, unknown>): void {
  const legacy = legacyMembers.find((member) => body[member] !== undefined && body[member] !== null);
  if (legacy !== undefined) {
    throw validationException(`The local DynamoDB does not know the legacy parameter ${legacy}: use an expression.`);
  }
}

function assertExpressionSizes(data: Record<string, unknown>): void {
  for (const [member, value] of Object.entries(data)) {
    if (member.endsWith('Expression') && typeof value === 'string' && Buffer.byteLength(value) > maxExpressionBytes) {
      throw validationException(
        `Invalid ${member}: Expression size has exceeded the maximum allowed size; ` +
          `expression size: ${Buffer.byteLength(value)}`,
      );
    }
  }
}
