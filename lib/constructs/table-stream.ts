import { Aws, Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, FilterRule, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { partitionPrefix, table } from '../../src/adapters/dynamodb/table.ts';
import type { PartitionKind } from '../../src/entities/partition.ts';
import { acknowledge } from './acknowledge.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import type { TableAccess } from './table-access.ts';

/** The stream of the deployment's table: each item as it is once it was written. */
export interface StreamAccess extends Pick<TableAccess, 'tableKeyArn'> {
  readonly tableStreamArn: string;
}

export interface TableStreamProps {
  readonly table: StreamAccess;
  readonly function: EndpointFunction;
  /** The kinds of partition whose new rows the function is told of; of nothing else. */
  readonly kinds: readonly PartitionKind[];
  /** Rows in one event at most. Default 25. */
  readonly batchSize?: number;
  /** Batches at once at most for a shard, each with partitions of its own. Default 10, which is Lambda's most. */
  readonly parallelization?: number;
}

/**
 * Tells a function of new rows, in order within a partition and at least once. A row that the function does not take is
 * tried again for 23 hours, and those of its partition wait behind it; the function answers with the rows that it did not
 * take (`batchItemFailures`). What is given up, the mapping's metric `DroppedEventCount` tells of.
 */
export class TableStream extends Construct {
  readonly mapping: EventSourceMapping;

  constructor(scope: Construct, id: string, props: TableStreamProps) {
    super(scope, id);
    const { table: access, function: fn, kinds } = props;
    fn.allow({
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      resources: [access.tableStreamArn],
    });
    fn.allow({ actions: ['dynamodb:ListStreams'], resources: ['*'] });
    fn.allow({
      actions: ['kms:Decrypt'],
      resources: [access.tableKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Aws.REGION}.amazonaws.com` } },
    });
    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target: fn.function,
      eventSourceArn: access.tableStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: props.batchSize ?? 25,
      parallelizationFactor: props.parallelization ?? 10,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      // Retries without an end of their own, nearly until the stream forgets the row, after 24 hours: what it forgets is
      // not counted among what is dropped.
      maxRecordAge: Duration.hours(23),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual('INSERT'),
          dynamodb: { Keys: { [table.partitionKey]: { S: kinds.map(beginsWith) } } },
        }),
      ],
    });
    acknowledge(
      fn,
      'AwsSolutions-IAM5[Resource::*]',
      'dynamodb:ListStreams, with which Lambda finds the stream, has no resource types: IAM accepts * alone.',
    );
  }
}

function beginsWith(kind: PartitionKind): { readonly prefix: string } {
  return { prefix: `${partitionPrefix[kind]}#` };
}
