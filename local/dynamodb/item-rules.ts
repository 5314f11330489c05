import type { AttributeValue, Item, SecondaryIndex, Table } from 'dynalite/db/index.js';
import { validationException } from './dynalite-error.ts';

/** Bytes of an item at most, names included (Amazon DynamoDB Developer Guide, "Quotas": item size). */
export const maxItemBytes = 400 * 1024;
/** A scalar is a level of its own. */
const maxNesting = 32;
const maxPartitionKeyBytes = 2048;
const maxSortKeyBytes = 1024;

/** The size of an item as DynamoDB counts it: UTF-8 bytes of names and values, 3 bytes for each list or map. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  const [type, content] = Object.entries(value)[0] ?? [];
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(content));
    case 'N':
      return numberBytes(String(content));
    case 'B':
      return Buffer.from(String(content), 'base64').length;
    case 'SS':
    case 'NS':
    case 'BS': {
      const member = type.slice(0, 1);
      return (content as string[]).reduce((sum, each) => sum + valueBytes({ [member]: each }), 0);
    }
    case 'L':
      return (content as AttributeValue[]).reduce((sum, each) => sum + 1 + valueBytes(each), 3);
    case 'M':
      return 3 + Object.keys(content as Item).length + itemBytes(content as Item);
    default:
      return 1;
  }
}

/** One byte for each two significant digits, one more, and one for a sign. */
function numberBytes(number: string): number {
  const digits = number
    .replace(/^-/, '')
    .replace('.', '')
    .replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1 + (number.startsWith('-') ? 1 : 0);
}

/**
 * Refuses what DynamoDB would not store and dynalite would: an item over 400 KB in bytes (dynalite counts UTF-16 units),
 * keys too long in bytes, index keys that are empty, values nested more than 32 deep.
 */
export function assertStorable(item: Item, table: Table): void {
  assertSizes(item, table, 'Item size has exceeded the maximum allowed size');
  for (const index of indexesOf(table)) {
    assertIndexKey(
      item,
      index,
      (name, kind) =>
        'A value specified for a secondary index key is not supported. ' +
        `The AttributeValue for a key attribute cannot contain an empty ${kind} value. ` +
        `IndexName: ${index.IndexName}, IndexKey: ${name}`,
    );
  }
}

/** The same of an item as an update leaves it; DynamoDB's words differ. */
export function assertUpdatedStorable(item: Item, table: Table): void {
  assertSizes(item, table, 'Item size to update has exceeded the maximum allowed size');
  for (const index of indexesOf(table)) {
    assertIndexKey(
      item,
      index,
      (_name, kind) =>
        'The update expression attempted to update a secondary index key to a value that is not supported. ' +
        `The AttributeValue for a key attribute cannot contain an empty ${kind} value.`,
    );
  }
}

function indexesOf(table: Table): readonly SecondaryIndex[] {
  return [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
}

function assertSizes(item: Item, table: Table, tooLarge: string): void {
  if (itemBytes(item) > maxItemBytes) {
    throw validationException(tooLarge);
  }
  if (Object.values(item).some((value) => nesting(value) > maxNesting)) {
    throw validationException('Nesting Levels have exceeded supported limits');
  }
  assertKeySizes(item, table);
}

/** Refuses a primary key longer in UTF-8 bytes than DynamoDB takes. */
export function assertKeySizes(key: Item, table: Table): void {
  for (const { AttributeName, KeyType } of table.KeySchema) {
    const value = key[AttributeName];
    if (value === undefined) {
      continue;
    }
    if (KeyType === 'HASH' && valueBytes(value) > maxPartitionKeyBytes) {
      throw validationException(
        'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
      );
    }
    if (KeyType === 'RANGE' && valueBytes(value) > maxSortKeyBytes) {
      throw validationException(
        'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
      );
    }
  }
}

function assertIndexKey(item: Item, index: SecondaryIndex, whyEmpty: (name: string, kind: string) => string): void {
  for (const { AttributeName, KeyType } of index.KeySchema) {
    const value = item[AttributeName];
    if (value === undefined) {
      continue;
    }
    if (value.S === '' || value.B === '') {
      const why = whyEmpty(AttributeName, value.S === '' ? 'string' : 'binary');
      throw validationException(`One or more parameter values are not valid. ${why}`);
    }
    if (valueBytes(value) > (KeyType === 'HASH' ? maxPartitionKeyBytes : maxSortKeyBytes)) {
      throw validationException(
        `One or more parameter values were invalid: Size of ${KeyType === 'HASH' ? 'hashkey' : 'rangekey'} has exceeded the maximum size limit. IndexName: ${index.IndexName}, IndexKey: ${AttributeName}`,
      );
    }
  }
}

function nesting(value: AttributeValue): number {
  const children = value.L ?? (value.M === undefined ? undefined : Object.values(value.M as Item));
  return children === undefined ? 1 : 1 + Math.max(0, ...(children as AttributeValue[]).map(nesting));
}
