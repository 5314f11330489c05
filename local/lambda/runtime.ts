// Runs inside the worker thread, as compiled text without this folder beside it: it imports nothing
// but Node's own modules, and types.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { FailureMessage, InvocationMessage, RuntimeData, WorkerMessage } from './messages.ts';

type Handler = (event: unknown, context: object) => unknown;

const { taskRoot, handler: handlerName, context: staticContext } = workerData as RuntimeData;

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

function named(errorType: string, message: string): Error {
  return Object.assign(new Error(message), { name: errorType });
}

function failure(error: unknown): FailureMessage {
  if (error instanceof Error) {
    const trace = (error.stack ?? '').split('\n');
    return { kind: 'failure', errorType: error.name, errorMessage: error.message, trace };
  }
  return { kind: 'failure', errorType: typeof error, errorMessage: String(error), trace: [] };
}

/** Finds the handler as Lambda's Node.js runtime does: `index.handler` is the export `handler` of `index.js`. */
function loadHandler(): Handler {
  const dot = handlerName.lastIndexOf('.');
  const path = resolve(taskRoot, handlerName.slice(0, dot));
  const require = createRequire(`${taskRoot}/`);
  let exported: Record<string, unknown>;
  try {
    exported = require(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw named('Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    throw error;
  }
  const handler = exported[handlerName.slice(dot + 1)];
  if (handler === undefined) {
    throw named('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${handlerName} is not a function`);
  }
  // From nodejs24 on, Lambda refuses handlers that would answer through a callback.
  if (handler.length > 2) {
    throw named(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.',
    );
  }
  return handler as Handler;
}

async function invoke(handler: Handler, invocation: InvocationMessage): Promise<void> {
  process.env._X_AMZN_TRACE_ID = invocation.traceId;
  const context = {
    ...staticContext,
    awsRequestId: invocation.awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()),
  };
  try {
    const result: unknown = await handler(JSON.parse(invocation.event), context);
    send({ kind: 'result', result: JSON.stringify(result) });
  } catch (error) {
    send(failure(error));
  }
}

// As Lambda's runtime does, an error that nothing catches ends the instance.
process.on('uncaughtException', (error) => {
  send({ ...failure(error), kind: 'fatal' });
  process.exit(128);
});
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = failure(reason);
  send({ kind: 'fatal', errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace });
  process.exit(128);
});

try {
  const handler = loadHandler();
  parentPort?.on('message', (invocation: InvocationMessage) => void invoke(handler, invocation));
  send({ kind: 'ready' });
} catch (error) {
  send({ ...failure(error), kind: 'fatal' });
}
