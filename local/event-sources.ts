import type { AwsEndpoint } from './aws/endpoint.ts';
import { AwsError, type Permission } from './aws/service.ts';
import type { EventSourceMapping } from './cloudformation/event-source-mappings.ts';
import type { Streams } from './dynamodb/streams.ts';
import type { FunctionPool } from './function-pool.ts';
import { type StreamPoller, startStreamPoller } from './lambda/stream-poller.ts';
import { StartupError } from './startup-error.ts';

/**
 * Sees that the role of a mapping's function may read the stream: Lambda reads it in that name, and makes no mapping
 * otherwise (Lambda Developer Guide, "Tutorial: Using AWS Lambda with Amazon DynamoDB streams", execution role).
 *
 * @throws {StartupError} naming the permission that the role lacks.
 */
export function assertReadable(
  { streamArn, functionArn }: EventSourceMapping,
  functions: FunctionPool,
  enforce: AwsEndpoint['enforce'],
): void {
  const principal = functions.principalOf(functionArn);
  if (principal === undefined) {
    throw new StartupError(`an event source mapping names the unknown function ${functionArn}`);
  }
  try {
    enforce(principal, [
      ...['DescribeStream', 'GetShardIterator', 'GetRecords'].map((action) => onStream(action, streamArn)),
      onStream('ListStreams', '*'),
    ]);
  } catch (error) {
    throw error instanceof AwsError ? new StartupError(`${functionArn}: its stream: ${error.message}`) : error;
  }
}

const onStream = (action: string, resource: string): Permission => ({
  action: `dynamodb:${action}`,
  resource,
  context: {},
});

/**
 * Feeds functions from the streams that their mappings name, until closed. A mapping that is not among these any more
 * is forgotten, with the place to which it had read.
 */
export async function startStreams(
  mappings: readonly EventSourceMapping[],
  streams: Streams,
  functions: FunctionPool,
  log: (line: string) => void,
): Promise<{ close(): Promise<void> }> {
  const gone = streams.readers().filter((reader) => !mappings.some(({ id }) => id === reader));
  for (const reader of gone) {
    await streams.removeReader(reader, { forgotten: true });
  }
  const pollers: StreamPoller[] = [];
  for (const mapping of mappings.filter(({ enabled }) => enabled)) {
    const invoke = (event: unknown) => functions.invokeDirectly(mapping.functionArn, event);
    pollers.push(await startStreamPoller({ mapping, streams, invoke, log }));
  }
  return {
    async close() {
      await Promise.all(pollers.map((poller) => poller.close()));
    },
  };
}
