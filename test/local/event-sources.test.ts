import { CfnTable, StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { afterEach, describe, expect, test } from 'vitest';
import { startApp } from '../../local/app.ts';
import { StartupError } from '../../local/startup-error.ts';
import { sampleApp } from './sample-app.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const streamActions = ['DescribeStream', 'GetShardIterator', 'GetRecords'].map((action) => `dynamodb:${action}`);
const needed = [...streamActions, 'dynamodb:ListStreams', 'kms:Decrypt'];

/** An app whose table feeds a function that is allowed these actions. */
async function start(allowed: readonly string[], properties: object = {}) {
  const sample = sampleApp({
    change: ({ data, api }) => {
      const table = data.node.findAll().find((each) => each instanceof CfnTable);
      if (!table) throw new Error('the sample has a table');
      table.streamSpecification = { streamViewType: StreamViewType.NEW_IMAGE };
      const code = Code.fromInline('exports.handler = async () => undefined;');
      const taker = new Lambda(api, 'Taker', { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code });
      if (allowed.length > 0) taker.addToRolePolicy(new PolicyStatement({ actions: [...allowed], resources: ['*'] }));
      new CfnEventSourceMapping(api, 'Mapping', {
        functionName: taker.functionName,
        eventSourceArn: table.attrStreamArn,
        startingPosition: 'TRIM_HORIZON',
        ...properties,
      });
    },
  });
  cleanUp.push(() => sample.remove());
  const app = await startApp({
    port: 0,
    dataDirectory: undefined,
    origins: 'one',
    log: () => undefined,
    assemblyDirectory: sample.directory,
  });
  cleanUp.push(() => app.close());
  return app;
}

const refusal = (started: Promise<unknown>) =>
  started.then(
    () => 'it started',
    (error: unknown) => (error instanceof StartupError ? error.message : `no StartupError: ${error}`),
  );

describe('a mapping', () => {
  test('is made where its function may read the stream, and uses each of these permissions', async () => {
    const app = await start(needed, { metricsConfig: { metrics: ['EventCount'] } });
    const exercised = app.endpoint.exercised().filter(({ roleArn }) => roleArn.includes('Taker'));
    expect(new Set(exercised.map(({ action }) => action))).toEqual(new Set([...needed, 'kms:*']));
  });

  test.each(needed)('is refused where its function may not %s', async (missing) => {
    expect(await refusal(start(needed.filter((action) => action !== missing)))).toContain(missing);
  });

  test.each<[string, object]>([
    ['DestinationConfig', { destinationConfig: { onFailure: { destination: 'arn:aws:sqs:eu-central-1:1:q' } } }],
    ['TumblingWindowInSeconds', { tumblingWindowInSeconds: 30 }],
    ['BatchSize', { batchSize: 10_001 }],
    ['FunctionResponseTypes', { functionResponseTypes: ['Other'] }],
    ['StartingPosition', { startingPosition: 'AT_TIMESTAMP' }],
    ['numeric', { filterCriteria: { filters: [{ pattern: '{"a":[{"numeric":["=",1]}]}' }] } }],
    ['EventSourceArn', { eventSourceArn: 'arn:aws:sqs:eu-central-1:000000000000:queue' }],
  ])('with a %s that is not known here is refused by name', async (name, properties) => {
    expect(await refusal(start(needed, properties))).toContain(name);
  });
});
