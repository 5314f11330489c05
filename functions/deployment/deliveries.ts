import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent, ScheduledEvent } from 'aws-lambda';
import { deliveryStore } from '../../src/adapters/dynamodb/delivery.ts';
import { endpointStore } from '../../src/adapters/dynamodb/endpoint.ts';
import { outgoingEventOfImage } from '../../src/adapters/dynamodb/outgoing-event.ts';
import { rightsInProject } from '../../src/adapters/dynamodb/rights-in-project.ts';
import { tellings } from '../../src/adapters/dynamodb/tellings.ts';
import { runDue, runQueues } from '../../src/deliveries/due-run.ts';
import { fanOut } from '../../src/deliveries/fan-out.ts';
import type { QueueRunPorts } from '../../src/deliveries/queue-run.ts';
import { newId } from '../../src/entities/identifiers.ts';
import type { OutgoingEvent } from '../../src/entities/outgoing-event.ts';
import { metrics } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { endpointKeys } from '../shared/endpoint-keys.ts';
import { fetchFromOutside } from '../shared/guarded-fetch.ts';
import { logger } from '../shared/logger.ts';
import { count } from '../shared/metrics.ts';
import { pause } from '../shared/pause.ts';
import { pausing } from '../shared/paused-endpoint.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';
import { webhookSigner } from '../shared/webhook-keys.ts';

const stores = once(() => ({
  endpoints: endpointStore(table()),
  deliveries: deliveryStore(table(), pause),
  rights: rightsInProject(table()),
  tellings: tellings(table()),
}));

const portsOf = (requestId: string): QueueRunPorts => ({
  ...stores(),
  clock,
  fetch: fetchFromOutside(),
  keys: endpointKeys,
  signer: webhookSigner(),
  pause: pausing(stores().endpoints, requestId),
  jitter: () => (randomBytes(1)[0] ?? 0) / 255,
  newLeaseId: () => newId('run', randomBytes),
});

/** For so long further deliveries are begun, in milliseconds; the function's timeout leaves room for the last. */
const workingTime = 40_000;
/** So long where the stream waits for the answer. */
const eagerTime = 2_000;

/**
 * Told of new events by the table's stream, it puts them into the queues of the endpoints that may know of them, and sends
 * at once what it can; every minute it sends what is due.
 */
export async function handler(
  event: DynamoDBStreamEvent | ScheduledEvent,
  { awsRequestId }: Pick<Context, 'awsRequestId'>,
): Promise<DynamoDBBatchResponse | undefined> {
  const ports = portsOf(awsRequestId);
  if (!('Records' in event)) {
    await runDue(ports, clock.now() + workingTime);
    return undefined;
  }
  const { queues, failed } = await fannedOut(event.Records, ports);
  // What is in the queues is safe: a fault from here on is for the next run, not for the stream.
  await runQueues(queues, ports, { until: clock.now() + eagerTime, eager: true }).catch((error: unknown) =>
    logger.warn('deliveries left to the next run', error as Error),
  );
  return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
}

/**
 * The queues of these events, and the first record that did not get through: it and all after it come again. One that is
 * not of the form that this version knows would come again in vain for a day, and hold up what follows: it is let through,
 * and the alarm tells of it.
 */
async function fannedOut(records: readonly DynamoDBRecord[], ports: QueueRunPorts) {
  const queues = new Map<string, { readonly tenant: string; readonly clientId: string }>();
  for (const record of records) {
    const event = eventOf(record);
    if (event === undefined) continue;
    try {
      for (const clientId of await fanOut(event, ports)) queues.set(clientId, { tenant: event.tenant, clientId });
    } catch (error) {
      logger.error('event not taken from the stream', error as Error);
      return { queues: [...queues.values()], failed: record.dynamodb?.SequenceNumber ?? '' };
    }
  }
  return { queues: [...queues.values()], failed: undefined };
}

function eventOf({ dynamodb }: DynamoDBRecord): OutgoingEvent | undefined {
  try {
    return outgoingEventOfImage(dynamodb?.NewImage);
  } catch (error) {
    const { pk, sk } = dynamodb?.Keys ?? {};
    logger.error('event that cannot be read', error as Error);
    count(metrics.unreadableEvents, { partition: pk?.S, position: sk?.S });
    return undefined;
  }
}
