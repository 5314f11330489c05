import type { ActionStore } from 'dynalite/db/index.js';
import { AwsError } from '../aws/service.ts';

/** An action of dynalite as a promise; its errors become {@link AwsError}. */
export function runAction(
  action: (store: ActionStore, data: object, done: (error: Error | null, answer?: unknown) => void) => void,
  store: ActionStore,
  data: object,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    action(store, data, (error, answer) => {
      if (error) {
        reject(awsError(error));
      } else {
        // Absent members are `undefined` in dynalite's answers; on the wire they are not there.
        resolve(JSON.parse(JSON.stringify(answer)));
      }
    });
  });
}

/** dynalite's error (with the body that it would send) as an {@link AwsError}; any other error as it is. */
export function awsError(error: Error): Error {
  const { body, statusCode } = error as { body?: Record<string, string>; statusCode?: number };
  if (body?.__type === undefined) {
    return error;
  }
  const code = body.__type.slice(body.__type.indexOf('#') + 1);
  return new AwsError(code, body.message ?? body.Message ?? '', statusCode);
}

/** AWS's answer to a request that is wrong in itself. */
export function validationException(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
