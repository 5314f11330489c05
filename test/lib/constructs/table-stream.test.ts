import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { EndpointFunction } from '../../../lib/constructs/endpoint-function.ts';
import { TableStream } from '../../../lib/constructs/table-stream.ts';
import { temporaryFolder } from '../synthesize.ts';

const tableStreamArn = 'arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/2026-01-01T00:00:00.000';
const tableKeyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1';

function template(): Template {
  const stack = new Stack(new App({ outdir: temporaryFolder() }), 'Stack');
  const fn = new EndpointFunction(stack, 'Function', {
    entry: 'deployment/signing-keys',
    description: 'takes rows',
    logs: { logRetentionDays: 7, removalPolicy: 'destroy' },
  });
  new TableStream(stack, 'Stream', {
    table: { tableStreamArn, tableKeyArn },
    function: fn,
    kinds: ['outgoing-event', 'delivery'],
  });
  return Template.fromStack(stack);
}

describe('a function that a stream feeds', () => {
  const made = template();

  test('is given new rows of the kinds named alone, in order within a partition, for nearly as long as the stream keeps them; what is given up is counted', () => {
    const [mapping] = Object.values(made.findResources('AWS::Lambda::EventSourceMapping'));
    const { FilterCriteria, FunctionName: _, ...properties } = mapping?.Properties ?? {};
    expect(properties).toEqual({
      EventSourceArn: tableStreamArn,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 25,
      ParallelizationFactor: 10,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      // Less than the stream's day: what the stream forgets would not be counted.
      MaximumRecordAgeInSeconds: 82_800,
      MetricsConfig: { Metrics: ['EventCount'] },
    });
    expect(FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern))).toEqual([
      {
        eventName: ['INSERT'],
        dynamodb: { Keys: { pk: { S: [{ prefix: 'OUTGOING_EVENT#' }, { prefix: 'DELIVERY#' }] } } },
      },
    ]);
  });

  test('may read that stream, decrypt it, and nothing more', () => {
    const [policy] = Object.values(made.findResources('AWS::IAM::Policy'));
    const statements: { Action: unknown; Resource: unknown }[] = policy?.Properties.PolicyDocument.Statement;
    expect(statements.filter(({ Action }) => /dynamodb|kms/.test(JSON.stringify(Action)))).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        Resource: tableStreamArn,
      },
      { Effect: 'Allow', Action: 'dynamodb:ListStreams', Resource: '*' },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: tableKeyArn,
        Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': expect.anything() } } },
      },
    ]);
  });
});
