import * as z from 'zod/mini';
import { type EventFilter, eventFilter } from '../lambda/event-filter.ts';
import { uuidOf } from './physical-id.ts';
import type { Resolver, Resource } from './resolver.ts';
import { readShape, unknownFeature } from './shape.ts';

/** A mapping from a table's stream to a function, with Lambda's defaults in the place of what the template leaves out. */
export interface EventSourceMapping {
  readonly id: string;
  readonly streamArn: string;
  readonly functionArn: string;
  readonly enabled: boolean;
  readonly start: 'TRIM_HORIZON' | 'LATEST';
  /** Records in one event at most. */
  readonly batchSize: number;
  /** How long an event waits for more records, in seconds. */
  readonly batchingWindowSeconds: number;
  /** Batches that run at once at most, each with partition keys of its own. */
  readonly parallelization: number;
  readonly bisects: boolean;
  readonly reportsItemFailures: boolean;
  /** Seconds after which a record is given up; undefined keeps it as long as the stream does. */
  readonly maximumRecordAgeSeconds: number | undefined;
  /** How often a batch is tried again; undefined: until its records are too old. */
  readonly maximumRetries: number | undefined;
  /** Whether a record reaches the function: one filter is enough, and without any all do. */
  readonly matches: EventFilter;
}

const whole = (least: number, most: number) => z.coerce.number().check(z.int(), z.gte(least), z.lte(most));

/** The ranges are those of the Lambda API Reference, `CreateEventSourceMapping`, for streams. */
const shape = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  Enabled: z._default(z.boolean(), true),
  BatchSize: z._default(whole(1, 10_000), 100),
  MaximumBatchingWindowInSeconds: z._default(whole(0, 300), 0),
  ParallelizationFactor: z._default(whole(1, 10), 1),
  BisectBatchOnFunctionError: z._default(z.boolean(), false),
  FunctionResponseTypes: z._default(z.array(z.literal('ReportBatchItemFailures')), []),
  MaximumRecordAgeInSeconds: z._default(z.union([z.literal(-1), whole(60, 604_800)]), -1),
  MaximumRetryAttempts: z._default(z.union([z.literal(-1), whole(0, 10_000)]), -1),
  FilterCriteria: z._default(
    z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })).check(z.maxLength(5)) }),
    { Filters: [] },
  ),
  MetricsConfig: z.optional(z.unknown()),
  Tags: z.optional(z.unknown()),
});

/**
 * Every `AWS::Lambda::EventSourceMapping` of the templates.
 *
 * @throws {StartupError} for a source that is no table's stream, or a filter rule that is not known here.
 */
export function eventSourceMappings(resolver: Resolver): EventSourceMapping[] {
  return resolver.resources('AWS::Lambda::EventSourceMapping').map((resource) => {
    const asked = readShape(shape, resource.properties, resource);
    if (!/^arn:aws:dynamodb:[^:]+:\d{12}:table\/[^/]+\/stream\/.+$/.test(asked.EventSourceArn)) {
      throw unknownFeature(resource, `the EventSourceArn ${asked.EventSourceArn}`);
    }
    const filters = asked.FilterCriteria.Filters.map(({ Pattern }) => readFilter(Pattern, resource));
    return {
      id: uuidOf({ stackName: resource.stack.name, logicalId: resource.logicalId }),
      streamArn: asked.EventSourceArn,
      functionArn: functionArnOf(asked.FunctionName, resource),
      enabled: asked.Enabled,
      start: asked.StartingPosition,
      batchSize: asked.BatchSize,
      batchingWindowSeconds: asked.MaximumBatchingWindowInSeconds,
      parallelization: asked.ParallelizationFactor,
      bisects: asked.BisectBatchOnFunctionError,
      reportsItemFailures: asked.FunctionResponseTypes.length > 0,
      maximumRecordAgeSeconds: unlessEndless(asked.MaximumRecordAgeInSeconds),
      maximumRetries: unlessEndless(asked.MaximumRetryAttempts),
      matches: (record) => filters.length === 0 || filters.some((matches) => matches(record)),
    };
  });
}

function readFilter(pattern: string, resource: Resource): EventFilter {
  try {
    return eventFilter(pattern);
  } catch (error) {
    throw unknownFeature(resource, error instanceof Error ? error.message : String(error));
  }
}

/** `FunctionName` may be a name or an ARN. */
function functionArnOf(name: string, { stack }: Resource): string {
  return name.startsWith('arn:') ? name : `arn:aws:lambda:${stack.region}:${stack.accountId}:function:${name}`;
}

const unlessEndless = (value: number): number | undefined => (value === -1 ? undefined : value);
