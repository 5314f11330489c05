import { checkEnvironment } from './environment.ts';
import { FunctionError } from './function-error.ts';
import { Instance, type InstanceSource } from './instance.ts';
import { type TaskRoot, unpackBundle } from './task-root.ts';

export interface FunctionOptions extends InstanceSource {
  /** The folder of the synthesized bundle. */
  readonly bundleDirectory: string;
  /** How many events run at once; further ones wait. 4 by default. */
  readonly maxInstances?: number;
  /** After how long without an event an instance is given up; 300 by default. */
  readonly idleSeconds?: number;
}

/** A deployed function. */
export interface LambdaFunction {
  /**
   * Runs the handler on an event, in a warm instance where one is free.
   *
   * @param signal stops waiting for the answer (and for a free instance); what runs already runs on, as in Lambda.
   * @throws {FunctionError} what the function threw, its timeout, or that it could not start
   */
  invoke(event: unknown, signal?: AbortSignal): Promise<unknown>;
  /** Takes another bundle: events from now on run in instances of that one. */
  replace(bundleDirectory: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Unpacks a function's bundle and runs it in worker threads, one event at a time in each.
 *
 * @throws {Error} for an environment that Lambda would refuse
 */
export async function createFunction(options: FunctionOptions): Promise<LambdaFunction> {
  checkEnvironment(options.name, options.environment);
  return new InstancePool(options, await unpackBundle(options.bundleDirectory));
}

interface Waiting {
  readonly run: (instance: Instance) => void;
  readonly refuse: (error: FunctionError) => void;
}

class InstancePool implements LambdaFunction {
  readonly #options: FunctionOptions;
  #taskRoot: TaskRoot;
  /** Every live instance, with the bundle it runs. */
  readonly #instances = new Map<Instance, TaskRoot>();
  /** The one used last is used next, so that those no longer needed stay idle. */
  readonly #idle: { readonly instance: Instance; readonly timer: NodeJS.Timeout }[] = [];
  readonly #queue: Waiting[] = [];
  #closed = false;

  constructor(options: FunctionOptions, taskRoot: TaskRoot) {
    this.#options = options;
    this.#taskRoot = taskRoot;
  }

  async invoke(event: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    const instance = await this.#acquire(signal);
    const result = instance.invoke(event).finally(() => this.#release(instance));
    return signal === undefined ? result : Promise.race([result, aborted(signal, result)]);
  }

  async replace(bundleDirectory: string): Promise<void> {
    const former = this.#taskRoot;
    this.#taskRoot = await unpackBundle(bundleDirectory);
    await Promise.all(this.#idle.splice(0).map(({ instance, timer }) => this.#discard(instance, timer)));
    await this.#removeUnused(former);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { refuse } of this.#queue.splice(0)) {
      refuse(stopped());
    }
    for (const { timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
    }
    await Promise.all([...this.#instances.keys()].map((instance) => this.#discard(instance)));
    await this.#taskRoot.remove();
  }

  #acquire(signal: AbortSignal | undefined): Instance | Promise<Instance> {
    if (this.#closed) {
      throw stopped();
    }
    const warm = this.#idle.pop();
    if (warm !== undefined) {
      clearTimeout(warm.timer);
      return warm.instance;
    }
    return this.#instances.size < (this.#options.maxInstances ?? 4) ? this.#start() : this.#wait(signal);
  }

  #start(): Instance {
    const instance = new Instance(this.#options, this.#taskRoot.path);
    this.#instances.set(instance, this.#taskRoot);
    return instance;
  }

  #wait(signal: AbortSignal | undefined): Promise<Instance> {
    return new Promise((run, refuse) => {
      const waiting: Waiting = { run, refuse };
      this.#queue.push(waiting);
      signal?.addEventListener('abort', () => {
        const index = this.#queue.indexOf(waiting);
        if (index >= 0) {
          this.#queue.splice(index, 1);
          refuse(signal.reason);
        }
      });
    });
  }

  #release(instance: Instance): void {
    const usable = !instance.ended && this.#instances.get(instance) === this.#taskRoot && !this.#closed;
    if (!usable) {
      void this.#discard(instance);
    }
    const next = this.#queue.shift();
    if (next !== undefined) {
      next.run(usable ? instance : this.#start());
    } else if (usable) {
      const timer = setTimeout(
        () => {
          this.#idle.splice(
            this.#idle.findIndex((idle) => idle.instance === instance),
            1,
          );
          void this.#discard(instance);
        },
        (this.#options.idleSeconds ?? 300) * 1000,
      );
      timer.unref();
      this.#idle.push({ instance, timer });
    }
  }

  async #discard(instance: Instance, timer?: NodeJS.Timeout): Promise<void> {
    clearTimeout(timer);
    const taskRoot = this.#instances.get(instance);
    this.#instances.delete(instance);
    await instance.close();
    if (taskRoot !== undefined) {
      await this.#removeUnused(taskRoot);
    }
  }

  /** Removes a former bundle's folder once its last instance is gone. */
  async #removeUnused(taskRoot: TaskRoot): Promise<void> {
    if (taskRoot !== this.#taskRoot && ![...this.#instances.values()].includes(taskRoot)) {
      await taskRoot.remove();
    }
  }
}

const stopped = (): FunctionError => new FunctionError('Sandbox.Closed', 'the local run is stopping');

/** Rejects when the signal fires; what the work then still answers goes nowhere. */
function aborted(signal: AbortSignal, work: Promise<unknown>): Promise<never> {
  work.catch(() => undefined);
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
