import type { Site } from './api-gateway/listener.ts';
import type { Invocation } from './api-gateway/rest-api.ts';
import type { AwsEndpoint } from './aws/endpoint.ts';
import { runCustomResources } from './cloudformation/custom-resources.ts';
import { eventSourceMappings } from './cloudformation/event-source-mappings.ts';
import { invokePermissions } from './cloudformation/invoke-permissions.ts';
import { checkKnownFeatures } from './cloudformation/known-features.ts';
import { lambdaFunctions } from './cloudformation/lambda-functions.ts';
import { createResolver, type Resolver } from './cloudformation/resolver.ts';
import type { ResponseInbox } from './cloudformation/response-inbox.ts';
import { restApis } from './cloudformation/rest-apis.ts';
import { functionRolePolicies } from './cloudformation/roles.ts';
import { type Schedule, schedules, startSchedules } from './cloudformation/schedules.ts';
import type { Stack } from './cloudformation/template.ts';
import type { DataFolder } from './data-folder.ts';
import { assertReadable, startStreams } from './event-sources.ts';
import { createFunctionPool, type FunctionPool } from './function-pool.ts';
import { mappingsOf, type OriginForm, originRewriter } from './origins.ts';
import type { RotationEvent } from './secrets-manager/rotation.ts';
import type { LocalServices } from './services.ts';

export interface ReleaseOptions {
  readonly stacks: readonly Stack[];
  readonly originForm: OriginForm;
  /** In the order of the REST APIs where they are separate. */
  readonly origins: readonly string[];
  readonly services: LocalServices;
  readonly folder: DataFolder;
  readonly inbox: ResponseInbox;
  /** The AWS services that the functions call. */
  readonly endpoint: Pick<AwsEndpoint, 'url' | 'enforce'>;
  /** The functions whose credentials count; a release adds its own before the first one runs. */
  readonly pools: Set<FunctionPool>;
  /**
   * Given for the first release of the process: custom resources then get an Update even where nothing changed, and the
   * APIs are served once the stacks that have them are there, for what the stacks after them ask of these APIs.
   */
  readonly serveFirst: ((release: Pick<Release, 'functions' | 'sites'>) => void) | undefined;
  readonly log: (line: string) => void;
}

/** One assembly, deployed: its functions, and what each origin serves of it. */
export interface Release {
  readonly functions: FunctionPool;
  /** In the order of the origins. */
  readonly sites: readonly Site[];
  readonly outputs: Readonly<Record<string, string>>;
  /** Begins what runs by itself: schedules, and what streams feed. Only one release at a time may. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Deploys an assembly beside what runs already: tables, keys and secrets first, then functions, then custom resources.
 *
 * @throws {StartupError} saying what could not be deployed; nothing of it is left running then.
 */
export async function createRelease(options: ReleaseOptions): Promise<Release> {
  const { stacks, services, folder, pools, log } = options;
  checkKnownFeatures(stacks);
  const plain = createResolver({ stacks, rewrite: (text) => text, ...stateOf(options) });
  const rewrite = rewriterFor(plain, options);
  const resolver = createResolver({ stacks, rewrite, ...stateOf(options) });
  await services.provision(resolver);

  const permissions = invokePermissions(resolver);
  const apis = restApis(resolver);
  const mappings = mappingsOf(options.originForm, apis, resolver);
  const timed = schedules(resolver);
  const fed = eventSourceMappings(resolver);
  const functions = await createFunctionPool({
    functions: lambdaFunctions(resolver),
    rolePolicies: functionRolePolicies(resolver),
    permissions,
    endpointUrl: options.endpoint.url,
    log,
  });
  pools.add(functions);
  const closeFunctions = async (): Promise<void> => {
    await functions.close();
    pools.delete(functions);
  };
  try {
    for (const mapping of fed) {
      assertReadable(mapping, functions, options.endpoint.enforce);
    }
    const customResources = {
      store: folder.customResources,
      inbox: options.inbox,
      invoke: functions.invokeDirectly,
      updates: options.serveFirst ? 'always' : 'when-changed',
    } as const;
    const [{ accountId = '', region = '' } = {}] = stacks;
    const sites = mappings.map((mapped) => ({ accountId, region, mappings: mapped }));
    const { serving, others } = inTurn(stacks);
    await runCustomResources(resolver, serving, customResources);
    options.serveFirst?.({ functions, sites });
    await runCustomResources(resolver, others, customResources);
    const outputs = Object.assign({}, ...stacks.map((stack) => resolver.outputs(stack)));
    const ending: (() => unknown)[] = [closeFunctions];
    return {
      functions,
      sites,
      outputs,
      async begin() {
        ending.push(startSchedules(timed, (schedule) => void runSchedule(schedule, functions, log)));
        const streams = await startStreams(fed, services.streams, functions, log);
        ending.push(() => streams.close());
        ending.push(services.rotator.follow((...call) => invokeRotation(functions, ...call), log));
        await services.scheduleRotations(resolver, log);
      },
      async close() {
        for (const end of ending.splice(0).reverse()) {
          await end();
        }
      },
    };
  } catch (error) {
    await closeFunctions();
    throw error;
  }
}

const stateOf = ({ folder, services }: ReleaseOptions) => ({
  customResources: folder.customResources.states,
  assignedIds: services.assignedIds,
});

function rewriterFor(resolver: Resolver, { originForm, origins, stacks }: ReleaseOptions): (text: string) => string {
  return originRewriter(
    originForm,
    resolver.resources('AWS::ApiGateway::RestApi').map(({ ref }) => ref),
    resolver.resources('AWS::ApiGateway::DomainName').map(({ ref }) => ref),
    stacks[0]?.region ?? '',
    origins,
  );
}

/** The stacks up to the last that has an API, and those after it, as they are deployed. */
function inTurn(stacks: readonly Stack[]): { serving: readonly Stack[]; others: readonly Stack[] } {
  const hasApi = ({ template }: Stack) =>
    Object.values(template.Resources).some(({ Type }) => Type === 'AWS::ApiGateway::RestApi');
  const count = stacks.findLastIndex(hasApi) + 1;
  return { serving: stacks.slice(0, count), others: stacks.slice(count) };
}

/** Secrets Manager's call of a rotation function; why it failed, if it did. */
async function invokeRotation(
  functions: FunctionPool,
  functionArn: string,
  event: RotationEvent,
): Promise<string | undefined> {
  const run = await functions.invokeAs('secretsmanager.amazonaws.com', event.SecretId, functionArn, event);
  if (run.kind === 'error') {
    return `${run.errorType}: ${run.errorMessage}`;
  }
  return run.kind === 'forbidden' ? 'no permission lets Secrets Manager invoke its function' : undefined;
}

async function runSchedule(schedule: Schedule, functions: FunctionPool, log: (line: string) => void): Promise<void> {
  const { ruleArn, functionArn } = schedule;
  const run = await functions
    .invokeAs('events.amazonaws.com', ruleArn, functionArn, schedule.event(new Date()))
    .catch((error: unknown): Invocation => ({ kind: 'error', errorType: 'Error', errorMessage: String(error) }));
  if (run.kind !== 'answer') {
    const reason =
      run.kind === 'error' ? `${run.errorType}: ${run.errorMessage}` : 'no permission lets the rule invoke it';
    log(`${functionArn}, run by the clock: ${reason}`);
  }
}
