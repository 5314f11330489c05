import { randomBytes as nodeRandomBytes, randomUUID } from 'node:crypto';
import type { EnvironmentVariable, functionNameVariable } from '../../src/environment.ts';
import type { Clock, RandomBytes, RandomUuid } from '../../src/ports.ts';

/**
 * Everything an endpoint is given from outside: the only reader of `process.env`. Each service is made at its first use
 * and kept while the function is warm; what an entry does not import is not in its bundle.
 */

/** A variable that the function's construct, or Lambda itself, must have set; a missing one is a fault of the deployment. */
export function variable(name: EnvironmentVariable | typeof functionNameVariable): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`environment variable ${name} is not set`);
  return value;
}

/** A variable that the function's construct sets only where the stage chose so. */
export function optionalVariable(name: EnvironmentVariable): string | undefined {
  return process.env[name];
}

export const clock: Clock = { now: () => Date.now() };

export const randomBytes: RandomBytes = (size) => nodeRandomBytes(size);

/** Node.js draws the randomness of many at once, which on the way of a token counts. */
export const randomUuid: RandomUuid = () => randomUUID();

/**
 * What every AWS client of a function is made with: a call that hangs is given up early enough for two more tries and an
 * honest 503 within the function's timeout (milliseconds).
 */
export const clientOptions = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
} as const;
