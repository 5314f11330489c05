import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Item, Table } from 'dynalite/db/index.js';
import * as z from 'zod/mini';
import { itemBytes } from './item-rules.ts';

/** What the records of a stream show of an item. */
export const streamViewTypes = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;

export type StreamViewType = (typeof streamViewTypes)[number];

/** `AWS::DynamoDB::Table StreamSpecification`, as far as it is known here. */
const specification = z.strictObject({ StreamViewType: z.enum(streamViewTypes) });

/** @throws {Error} for a specification with what is not known here. */
export function streamViewTypeOf(properties: unknown): StreamViewType | undefined {
  return properties === undefined ? undefined : specification.parse(properties).StreamViewType;
}

/** An item as a write found it and as it left it; undefined where there is none. */
export interface Change {
  readonly table: Table;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** Whether DynamoDB itself deleted the item, its time to live being over. */
  readonly expired?: boolean;
}

/** A record as Lambda hands it on (Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB"). */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamViewType;
  };
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: 'dynamodb.amazonaws.com' };
  readonly eventSourceARN: string;
}

/**
 * The label of every stream here. AWS names a stream after the moment it was switched on, which an ARN that is the same
 * after every restart cannot.
 */
export const streamLabel = '2012-08-10T00:00:00.000';

/** The ARN of a table's stream. */
export const streamArnOf = (tableArn: string): string => `${tableArn}/stream/${streamLabel}`;

/** Whether a write leaves a record: one that changes nothing of the item does not. */
export function leavesRecord({ before, after }: Change): boolean {
  return !isDeepStrictEqual(before, after);
}

/** The record of a change. `SequenceNumber` is unique in its stream and grows with each write of an item. */
export function streamRecord(
  { table, before, after, expired }: Change,
  view: StreamViewType,
  sequenceNumber: string,
  now: number,
): StreamRecord {
  const arn = streamArnOf(String(table.TableArn));
  const item = after ?? before ?? {};
  const Keys: Item = Object.fromEntries(
    table.KeySchema.flatMap(({ AttributeName }) => {
      const value = item[AttributeName];
      return value === undefined ? [] : [[AttributeName, value]];
    }),
  );
  const images = {
    ...(view.startsWith('NEW') && after !== undefined && { NewImage: after }),
    ...(view.endsWith('OLD_IMAGES') || view === 'OLD_IMAGE' ? before !== undefined && { OldImage: before } : {}),
  };
  return {
    eventID: createHash('md5').update(`${arn} ${sequenceNumber}`).digest('hex'),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: arn.split(':')[3] ?? '',
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(now / 1000),
      Keys,
      ...images,
      SequenceNumber: sequenceNumber,
      SizeBytes: [Keys, ...Object.values(images)].reduce((sum, image) => sum + itemBytes(image), 0),
      StreamViewType: view,
    },
    ...(expired && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
    eventSourceARN: arn,
  };
}
