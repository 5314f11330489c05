import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runbookHeadings } from '../../../lib/constructs/alarms.ts';
import { metrics } from '../../../src/environment.ts';
import { onlyResource, resourcesOf, synthesize, templateOf } from '../synthesize.ts';

const templates = synthesize();
const alarms = resourcesOf(templates, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);

/** The anchors of the runbook's headings, as a Markdown renderer makes them. */
const anchors = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('## '))
  .map((line) =>
    line
      .slice(3)
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );

describe('every alarm', () => {
  test('leads to a heading of the runbook, and every heading of an alarm is used', () => {
    const used = alarms.map(
      ({ AlarmDescription }) => /docs\/runbook\.md#([a-z0-9-]+)$/.exec(String(AlarmDescription))?.[1],
    );
    expect(new Set(used)).toEqual(new Set(Object.values(runbookHeadings)));
    expect(anchors).toEqual(expect.arrayContaining(Object.values(runbookHeadings)));
  });

  test('goes to the one topic, also when it is over', () => {
    const topics = new Set(
      alarms.flatMap(({ AlarmActions, OKActions }) =>
        [AlarmActions, OKActions].map((actions) => JSON.stringify(actions)),
      ),
    );
    expect(topics.size).toBe(1);
    expect([...topics][0]).toContain('AlarmTopic');
    expect(resourcesOf(templates, 'AWS::SNS::Topic')).toHaveLength(1);
  });
});

test.each([
  ['5XX of each API', '"MetricName":"5XXError"', 3],
  ['failures of each authorizer', `"MetricName":"${metrics.authorizerFailures}"`, 2],
  ['p99 of the token endpoint and of each authorizer', '"ExtendedStatistic":"p99"', 3],
  ['throttles of Lambda', '"MetricName":"Throttles"', 1],
  ['the quota of KMS', 'CryptographicOperationsRsa', 1],
  ['throttles of DynamoDB', '"MetricName":"ReadThrottleEvents"', 1],
  ['throttles of the index', '"Name":"GlobalSecondaryIndexName","Value":"by-tenant"', 1],
  ['what waits in the stream', '"MetricName":"IteratorAge"', 1],
  ['events that cannot be read', `"MetricName":"${metrics.unreadableEvents}"`, 1],
  ['events that the stream gave up', '"MetricName":"DroppedEventCount"', 1],
  ['no active key', `"MetricName":"${metrics.activeSigningKeys}"`, 1],
  ['endpoints that were paused', `"MetricName":"${metrics.pausedEndpoints}"`, 1],
  ['each function that runs by the clock', '"MetricName":"Errors"', 6],
])('%s has an alarm', (_, text, count) => {
  expect(alarms.filter((alarm) => JSON.stringify(alarm).includes(text))).toHaveLength(count);
});

test('an authorizer’s alarm looks at what this function counts, not at another deployment’s', () => {
  for (const name of ['Admin', 'Api']) {
    const template = templateOf(templates, name);
    const [[id] = []] = resourcesOf(template, 'AWS::Lambda::Function').filter(([, { Properties }]) =>
      /decides whether/.test(String(Properties.Description)),
    );
    const alarm = resourcesOf(template, 'AWS::CloudWatch::Alarm').find(
      ([, { Properties }]) => Properties.MetricName === metrics.authorizerFailures,
    );
    expect(alarm?.[1].Properties).toMatchObject({
      Namespace: metrics.namespace,
      Dimensions: [{ Name: metrics.dimension, Value: { Ref: id } }],
    });
  }
});

test('one dashboard shows the deployment', () => {
  expect(onlyResource(templateOf(templates, 'Admin'), 'AWS::CloudWatch::Dashboard').Properties.DashboardName).toBe(
    'Latchkey',
  );
  expect(resourcesOf(templates, 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
});

test.each([
  ['RS256', 'CryptographicOperationsRsa'],
  ['ES256', 'CryptographicOperationsEcc'],
  ['EdDSA', 'CryptographicOperationsEcc'],
] as const)('signatures in %s are held against the quota of their kind of key', (signingAlgorithm, resource) => {
  const signingKeys = [
    { name: 'rs256-1', algorithm: 'RS256' },
    { name: 'other-1', algorithm: signingAlgorithm },
  ] as const;
  const auth = templateOf(synthesize({ signingAlgorithm, signingKeys }), 'Auth');
  const quota = resourcesOf(auth, 'AWS::CloudWatch::Alarm').filter(([, alarm]) =>
    JSON.stringify(alarm).includes('SERVICE_QUOTA'),
  );
  expect(quota).toHaveLength(1);
  expect(JSON.stringify(quota)).toContain(`"Value":"${resource}"`);
});
