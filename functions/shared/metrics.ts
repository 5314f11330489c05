import { environment, metrics } from '../../src/environment.ts';
import { variable } from './services.ts';

type Count = typeof metrics.refusedTokens | typeof metrics.authorizerFailures;

/**
 * Counts one event in the embedded metric format, which CloudWatch reads out of the log: no call, and none of the 16 kB
 * that a library for it adds to a cold start. Straight to the output, since `console.log` would put the line into one
 * of its own where the function logs JSON.
 *
 * @param properties stand beside the metric in the log line; never a token or a secret
 */
export function count(name: Count, properties: Readonly<Record<string, string | undefined>>): void {
  const line = {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: metrics.namespace,
          Dimensions: [[metrics.serviceDimension]],
          Metrics: [{ Name: name, Unit: 'Count' }],
        },
      ],
    },
    ...properties,
    [metrics.serviceDimension]: variable(environment.service),
    [name]: 1,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
