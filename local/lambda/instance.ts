import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { transformSync } from 'esbuild';
import { type EnvironmentSource, instanceEnvironment, logGroupName } from './environment.ts';
import { FunctionError } from './function-error.ts';
import type { InvocationMessage, RuntimeData, WorkerMessage } from './messages.ts';

/** A function as its instances see it. */
export interface InstanceSource extends EnvironmentSource {
  readonly accountId: string;
  readonly timeoutSeconds: number;
  log(functionName: string, line: string): void;
}

/** What Lambda allows an instance to get ready: 10 seconds. */
const initSeconds = 10;

/** Request and response of a synchronous invocation: 6 MB each, in bytes. */
const payloadLimitBytes = 6 * 1024 * 1024;

let compiledRuntime: URL | undefined;

/** The runtime as JavaScript, compiled once here and not by each worker, which would load a compiler of its own for it. */
function runtimeUrl(): URL {
  if (compiledRuntime === undefined) {
    const source = readFileSync(new URL('./runtime.ts', import.meta.url), 'utf8');
    const { code } = transformSync(source, { loader: 'ts', format: 'esm', target: 'node24' });
    // Stack traces name this in the place of the whole URL.
    const named = `${code}\n//# sourceURL=file:///var/runtime/index.mjs`;
    compiledRuntime = new URL(`data:text/javascript,${encodeURIComponent(named)}`);
  }
  return compiledRuntime;
}

/** One execution environment of a function: a worker thread with its own memory and `process.env`, one event at a time. */
export class Instance {
  readonly #source: InstanceSource;
  readonly #worker: Worker;
  readonly #ready: Promise<void>;
  #pending: { resolve: (result: unknown) => void; reject: (error: FunctionError) => void } | undefined;
  #requestId = '';
  #ended: FunctionError | undefined;

  constructor(source: InstanceSource, taskRoot: string) {
    this.#source = source;
    const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;
    const workerData: RuntimeData = {
      taskRoot,
      handler: source.handler,
      context: {
        functionName: source.name,
        functionVersion: '$LATEST',
        invokedFunctionArn: `arn:aws:lambda:${source.region}:${source.accountId}:function:${source.name}`,
        memoryLimitInMB: String(source.memorySize),
        logGroupName: logGroupName(source),
        logStreamName,
      },
    };
    this.#worker = new Worker(runtimeUrl(), {
      workerData,
      env: instanceEnvironment(source, taskRoot, logStreamName),
      argv: [],
      execArgv: [],
      name: source.name,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: source.memorySize },
    });
    for (const output of [this.#worker.stdout, this.#worker.stderr]) {
      createInterface({ input: output }).on('line', (line) => source.log(source.name, line));
    }
    this.#ready = new Promise((resolve, reject) => {
      this.#pending = { resolve: () => resolve(), reject };
    });
    this.#ready.catch(() => undefined);
    this.#worker.on('message', (message: WorkerMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#end(`Runtime exited with error: ${error.message}`));
    this.#worker.on('exit', (code) => this.#end(`Runtime exited with error: exit status ${code}`));
  }

  /** Whether no further event may be sent here. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /**
   * Runs the handler on one event, after the instance has got ready; never while another runs. The time to get ready
   * does not count against the function's timeout.
   *
   * @throws {FunctionError}
   */
  async invoke(event: unknown): Promise<unknown> {
    const json = JSON.stringify(event) ?? 'null';
    if (Buffer.byteLength(json) > payloadLimitBytes) {
      throw new FunctionError('RequestEntityTooLargeException', `${Buffer.byteLength(json)} byte payload is too large`);
    }
    await this.#within(initSeconds, this.#ready);
    if (this.#ended !== undefined) {
      throw this.#ended;
    }
    this.#requestId = randomUUID();
    const result = new Promise<unknown>((resolve, reject) => {
      this.#pending = { resolve, reject };
    });
    const invocation: InvocationMessage = {
      awsRequestId: this.#requestId,
      deadline: Date.now() + this.#source.timeoutSeconds * 1000,
      traceId: `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')};Sampled=0`,
      event: json,
    };
    this.#worker.postMessage(invocation);
    return this.#within(this.#source.timeoutSeconds, result);
  }

  /** Ends the thread at once; an event in flight fails. */
  async close(): Promise<void> {
    this.#end('Runtime exited without providing a reason');
    await this.#worker.terminate();
  }

  /** Ends the instance where the time is over first. */
  #within<Result>(seconds: number, work: Promise<Result>): Promise<Result> {
    const timer = setTimeout(() => {
      this.#end(`Task timed out after ${seconds.toFixed(2)} seconds`, 'Sandbox.Timedout');
      void this.#worker.terminate();
    }, seconds * 1000);
    return work.finally(() => clearTimeout(timer));
  }

  #receive(message: WorkerMessage): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (message.kind === 'ready') {
      pending?.resolve(undefined);
      return;
    }
    if (message.kind === 'result') {
      const bytes = Buffer.byteLength(message.result ?? 'null');
      if (bytes > payloadLimitBytes) {
        const text = `Response payload size exceeded maximum allowed payload size (${payloadLimitBytes} bytes).`;
        pending?.reject(new FunctionError('Function.ResponseSizeTooLarge', text));
        return;
      }
      pending?.resolve(JSON.parse(message.result ?? 'null'));
      return;
    }
    const error = new FunctionError(message.errorType, message.errorMessage, message.trace);
    if (message.kind === 'fatal') {
      this.#ended = error;
      void this.#worker.terminate();
    }
    this.#source.log(this.#source.name, `ERROR ${message.trace.join('\n') || error.message}`);
    pending?.reject(error);
  }

  #end(reason: string, errorType = 'Runtime.ExitError'): void {
    this.#ended ??= new FunctionError(errorType, `RequestId: ${this.#requestId} Error: ${reason}`);
    this.#pending?.reject(this.#ended);
    this.#pending = undefined;
  }
}
