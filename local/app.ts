import { createGateway } from './api-gateway/gateway.ts';
import { type Listener, listen } from './api-gateway/listener.ts';
import { type AssemblyFolder, newAssembly, projectDirectory as ownProject, readAssembly } from './assembly.ts';
import { type AwsEndpoint, startAwsEndpoint } from './aws/endpoint.ts';
import type { Fault } from './aws/faults.ts';
import { openResponseInbox } from './cloudformation/response-inbox.ts';
import type { Stack } from './cloudformation/template.ts';
import { openDataFolder } from './data-folder.ts';
import type { FunctionPool } from './function-pool.ts';
import type { Principal } from './iam/types.ts';
import type { OriginForm } from './origins.ts';
import { createRelease, type Release } from './release.ts';
import { openServices } from './services.ts';
import { watchSources } from './source-watcher.ts';
import { StartupError } from './startup-error.ts';

export interface AppOptions {
  /** 0 takes a free port. With separate origins the first API gets it, the others the ports after it. */
  readonly port: number;
  /** Where data is kept; undefined keeps none. */
  readonly dataDirectory: string | undefined;
  /** An assembly to serve as it is. Without it the app is synthesized, and again whenever its sources change. */
  readonly assemblyDirectory?: string;
  /** The folder of the app that is synthesized. Default: this project. */
  readonly projectDirectory?: string;
  readonly origins: OriginForm;
  /** What goes wrong with the first calls of functions, those of the deployment itself included. */
  readonly faults?: readonly Fault[];
  /** Takes lines for the terminal: functions' logs, denied calls, failures. */
  readonly log: (line: string) => void;
}

/** A CDK app, deployed on this machine. */
export interface RunningApp {
  /** The first origin, `http://127.0.0.1:8787`. */
  readonly url: string;
  /** Every stack's outputs, by name, as they are now. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The AWS services that functions call: counts, faults, and which permissions were exercised. */
  readonly endpoint: AwsEndpoint;
  /** As whom each function calls AWS: what `endpoint.exercised()` can be held against. */
  readonly principals: readonly Principal[];
  /** The text of a secret in the local Secrets Manager. */
  secretText(arn: string): Promise<string>;
  /** Rotates a secret now; why it failed, if it did. */
  rotateSecret(arn: string): Promise<string | undefined>;
  close(): Promise<void>;
}

type Closing = (() => Promise<unknown>)[];

/**
 * Serves the synthesized app on this machine: what `cdk deploy --all` would deploy, with the rights that it would have.
 *
 * @throws {StartupError} with one line that says why not.
 */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const listeners: Listener[] = [];
  const closing: Closing = [];
  const close = async (): Promise<void> => {
    // Requests under way end before what answers them does.
    await Promise.all(listeners.splice(0).map((listener) => listener.close()));
    for (const step of closing.splice(0).reverse()) {
      await step();
    }
  };
  try {
    return await start(options, listeners, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: AppOptions,
  listeners: Listener[],
  closing: Closing,
  close: () => Promise<void>,
): Promise<RunningApp> {
  const { log, projectDirectory: project = ownProject } = options;
  const pools = new Set<FunctionPool>();
  let release: Release | undefined;
  let serving: FunctionPool | undefined;
  const gateway = createGateway(
    {
      invoke: async (...call) =>
        serving?.invoke(...call) ?? {
          kind: 'error',
          errorType: 'NotReady',
          errorMessage: 'not deployed yet',
        },
    },
    log,
  );
  const open = async (port: number): Promise<void> => {
    const listener = await listen(port, gateway, log).catch((error: unknown) => {
      throw new StartupError(portProblem(port, error));
    });
    listeners.push(listener);
  };

  // The port first: that it is taken should not be learnt after a synthesis.
  await open(options.port);
  const folder = await openDataFolder(options.dataDirectory);
  let assembly: AssemblyFolder =
    options.assemblyDirectory === undefined
      ? await newAssembly(project)
      : { directory: options.assemblyDirectory, remove: () => Promise.resolve() };
  closing.push(() => assembly.remove());
  const stacks = await readAssembly(assembly.directory);
  const apiCount = stacks.flatMap(({ template }) => Object.values(template.Resources)).filter(isRestApi).length;
  while (options.origins === 'separate' && listeners.length < apiCount) {
    await open(options.port === 0 ? 0 : options.port + listeners.length);
  }

  const place = placeOf(stacks);
  const services = await openServices(folder, place);
  closing.push(() => services.close());
  const inbox = await openResponseInbox();
  closing.push(() => inbox.close());
  const endpoint = await startAwsEndpoint({
    services: services.all,
    ...place,
    principalOf: (...key) => [...pools].map((pool) => pool.callerOf(...key)).find((caller) => caller !== undefined),
    keyPolicyOf: (arn) => services.keyPolicyOf(arn),
    tableKeyOf: (arn) => services.tableKeyOf(arn),
    report: log,
  });
  closing.push(() => endpoint.close());
  for (const fault of options.faults ?? []) {
    endpoint.faults.add(fault);
  }

  const serve = ({ functions, sites }: Pick<Release, 'functions' | 'sites'>): void => {
    serving = functions;
    sites.forEach((site, index) => {
      listeners[index]?.serve(site);
    });
  };
  const deploy = async (next: readonly Stack[]): Promise<void> => {
    const former = release;
    release = await createRelease({
      stacks: next,
      originForm: options.origins,
      origins: listeners.map(({ origin }) => origin),
      services,
      folder,
      inbox,
      endpoint,
      pools,
      serveFirst: former === undefined ? serve : undefined,
      log,
    });
    serve(release);
    await former?.close();
    await release.begin();
  };
  closing.push(async () => release?.close());
  await deploy(stacks);

  if (options.assemblyDirectory === undefined) {
    const stop = watchSources(project, async () => {
      try {
        const next = await newAssembly(project);
        await deploy(await readAssembly(next.directory)).catch(async (error: unknown) => {
          await next.remove();
          throw error;
        });
        await assembly.remove();
        assembly = next;
        log('sources changed: the new app is served');
      } catch (error) {
        log(`sources changed, but the app as it was is still served: ${oneLine(error)}`);
      }
    });
    closing.push(stop);
  }
  return {
    url: listeners[0]?.origin ?? '',
    get outputs() {
      return release?.outputs ?? {};
    },
    get principals() {
      return release?.functions.principals ?? [];
    },
    endpoint,
    secretText: (arn) => services.secretText(arn),
    rotateSecret: (arn) => services.rotator.rotate(arn),
    close,
  };
}

const isRestApi = ({ Type }: { readonly Type: string }): boolean => Type === 'AWS::ApiGateway::RestApi';

function placeOf(stacks: readonly Stack[]): { accountId: string; region: string } {
  const [stack] = stacks;
  if (!stack) {
    throw new StartupError('the app has no stacks');
  }
  return { accountId: stack.accountId, region: stack.region };
}

function portProblem(port: number, error: unknown): string {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return inUse ? `port ${port} is in use; PORT sets another one` : `port ${port} cannot be opened: ${oneLine(error)}`;
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
