import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionInvoker, Invocation } from './api-gateway/rest-api.ts';
import type { Caller } from './aws/endpoint.ts';
import type { InvokePermissions } from './cloudformation/invoke-permissions.ts';
import type { LambdaFunction } from './cloudformation/lambda-functions.ts';
import type { PolicyDocument, Principal } from './iam/types.ts';
import { inventCredentials } from './lambda/credentials.ts';
import { createFunction, type LambdaFunction as RunningFunction } from './lambda/function.ts';
import { FunctionError } from './lambda/function-error.ts';
import { StartupError } from './startup-error.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

export interface FunctionPoolOptions {
  readonly functions: readonly LambdaFunction[];
  readonly rolePolicies: ReadonlyMap<string, readonly PolicyDocument[]>;
  readonly permissions: InvokePermissions;
  /** The AWS endpoint that the functions' SDK clients find. */
  readonly endpointUrl: string;
  readonly log: (line: string) => void;
}

/** The functions of one assembly, each with credentials that were made up for it. */
export interface FunctionPool extends FunctionInvoker {
  /** As whom each function calls AWS. */
  readonly principals: readonly Principal[];
  /** Whose credentials these are; undefined for those of no function here. */
  callerOf(accessKeyId: string, sessionToken: string | undefined): Caller | undefined;
  /** As whom a function calls AWS; undefined for a function that is not here. */
  principalOf(functionArn: string): Principal | undefined;
  /** Invokes in the name of a service, if the function's permissions let it. */
  invokeAs(service: string, sourceArn: string, functionArn: string, event: unknown): Promise<Invocation>;
  /** Invokes without a permission, as CloudFormation does with the deployer's own rights, and an event source mapping. */
  invokeDirectly(functionArn: string, event: unknown): Promise<Invocation>;
  /** Ends every function, once what runs has ended. */
  close(): Promise<void>;
}

interface Member {
  readonly caller: Caller;
  readonly sessionToken: string;
  readonly running: RunningFunction;
}

export async function createFunctionPool(options: FunctionPoolOptions): Promise<FunctionPool> {
  const inlineCode = await writeInlineCode(options.functions);
  const byArn = new Map<string, Member>();
  const byAccessKey = new Map<string, Member>();
  for (const definition of options.functions) {
    const policies = options.rolePolicies.get(definition.roleArn);
    if (!policies) {
      throw new StartupError(`the function ${definition.name} cannot assume its role ${definition.roleArn}`);
    }
    const credentials = inventCredentials();
    const member: Member = {
      caller: {
        principal: { roleArn: definition.roleArn, functionName: definition.name, policies },
        secretAccessKey: credentials.secretAccessKey,
      },
      sessionToken: credentials.sessionToken,
      running: await createFunction({
        name: definition.name,
        bundleDirectory:
          'directory' in definition.code ? definition.code.directory : join(inlineCode.path, definition.name),
        handler: definition.handler,
        environment: definition.environment,
        memorySize: definition.memorySize,
        timeoutSeconds: definition.timeoutSeconds,
        credentials,
        endpointUrl: options.endpointUrl,
        region: definition.region,
        accountId: definition.accountId,
        log: (name, line) => options.log(`${name}: ${line}`),
      }),
    };
    byArn.set(definition.arn, member);
    byAccessKey.set(credentials.accessKeyId, member);
  }

  const underWay = new Set<Promise<Invocation>>();

  async function invokeDirectly(functionArn: string, event: unknown): Promise<Invocation> {
    const member = byArn.get(functionArn);
    if (!member) {
      return {
        kind: 'error',
        errorType: 'ResourceNotFoundException',
        errorMessage: `Function not found: ${functionArn}`,
      };
    }
    const invocation = member.running
      .invoke(event)
      .then((payload): Invocation => ({ kind: 'answer', payload }), functionError);
    underWay.add(invocation);
    return invocation.finally(() => underWay.delete(invocation));
  }

  async function invokeAs(
    service: string,
    sourceArn: string,
    functionArn: string,
    event: unknown,
  ): Promise<Invocation> {
    return options.permissions(functionArn, service, sourceArn)
      ? invokeDirectly(functionArn, event)
      : { kind: 'forbidden' };
  }

  return {
    principals: [...byArn.values()].map(({ caller }) => caller.principal),
    principalOf: (functionArn) => byArn.get(functionArn)?.caller.principal,
    invokeDirectly,
    invokeAs,
    invoke: (functionArn, sourceArn, event) => invokeAs('apigateway.amazonaws.com', sourceArn, functionArn, event),
    callerOf: (accessKeyId, sessionToken) => {
      const member = byAccessKey.get(accessKeyId);
      return member && member.sessionToken === sessionToken ? member.caller : undefined;
    },
    async close() {
      await Promise.all(underWay);
      await Promise.all([...byArn.values()].map(({ running }) => running.close()));
      await inlineCode.remove();
    },
  };
}

function functionError(error: unknown): Invocation {
  if (error instanceof FunctionError) {
    return { kind: 'error', errorType: error.errorType, errorMessage: error.errorMessage };
  }
  throw error;
}

/** Code that stands in the template itself becomes `index.js`, as Lambda makes it. */
async function writeInlineCode(functions: readonly LambdaFunction[]): Promise<TemporaryFolder> {
  const folder = await temporaryFolder('inline');
  for (const { name, code } of functions) {
    if ('inline' in code) {
      await mkdir(join(folder.path, name));
      await writeFile(join(folder.path, name, 'index.js'), code.inline);
    }
  }
  return folder;
}
