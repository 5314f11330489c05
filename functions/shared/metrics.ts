import { environment, functionNameVariable, metrics } from '../../src/environment.ts';
import { variable } from './services.ts';

type Count = (typeof metrics)[
  | 'refusedTokens'
  | 'authorizerFailures'
  | 'unnotedUses'
  | 'pausedEndpoints'
  | 'unreadableEvents'];

/**
 * Counts one event in the embedded metric format, which CloudWatch reads out of the log: no call, and none of the 16 kB
 * that a library for it adds to a cold start.
 *
 * @param properties stand beside the metric in the log line; never a token or a secret
 */
export function count(name: Count, properties: Readonly<Record<string, string | undefined>>): void {
  write(name, 1, { ...properties, service: variable(environment.service) });
}

/** Tells how many there are of something in the whole deployment. */
export function measure(name: typeof metrics.activeSigningKeys, value: number): void {
  write(name, value, {});
}

function write(name: string, value: number, properties: Readonly<Record<string, string | undefined>>): void {
  const line = {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: metrics.namespace,
          Dimensions: [[metrics.dimension]],
          Metrics: [{ Name: name, Unit: 'Count' }],
        },
      ],
    },
    ...properties,
    [metrics.dimension]: variable(functionNameVariable),
    [name]: value,
  };
  // Straight to the output, since `console.log` would put the line into one of its own where the function logs JSON.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
