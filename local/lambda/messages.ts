/** What the runtime in the worker thread is started with. */
export interface RuntimeData {
  /** `LAMBDA_TASK_ROOT`: the folder that holds the unpacked bundle. */
  readonly taskRoot: string;
  /** File and export, for example `index.handler`. */
  readonly handler: string;
  readonly context: StaticContext;
}

/** The members of Lambda's context object that every invocation of a function shares. */
export interface StaticContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  /** Megabytes, as text. */
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** One event for the worker; `event` is JSON. */
export interface InvocationMessage {
  readonly awsRequestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly traceId: string;
  readonly event: string;
}

/** What the worker answers: once that it is ready or could not start, then once for each event. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  /** JSON; undefined where the handler returned nothing that JSON knows, which Lambda answers as `null`. */
  | { readonly kind: 'result'; readonly result: string | undefined }
  | FailureMessage;

export interface FailureMessage {
  /** `fatal` where the instance is of no further use: it could not start, or nothing caught the error. */
  readonly kind: 'failure' | 'fatal';
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}
