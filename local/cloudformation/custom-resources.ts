import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import type { Invocation } from '../api-gateway/rest-api.ts';
import { StartupError } from '../startup-error.ts';
import { type CustomResourceState, type Resolver, type Resource, stackId } from './resolver.ts';
import { isCustomResource } from './resource-types.ts';
import type { ResponseInbox } from './response-inbox.ts';
import { isObject, type Json, type Stack } from './template.ts';

/** What is kept of a custom resource between runs. */
export interface StoredCustomResource extends CustomResourceState {
  readonly properties: Json;
}

export interface CustomResourceStore {
  /** By `stack/logicalId`. */
  readonly states: ReadonlyMap<string, StoredCustomResource>;
  save(key: string, state: StoredCustomResource): Promise<void>;
}

export interface CustomResourceOptions {
  readonly store: CustomResourceStore;
  readonly inbox: ResponseInbox;
  readonly invoke: (functionArn: string, event: unknown) => Promise<Invocation>;
  /** `always` sends an Update on every start, `when-changed` only where properties differ, as a deployment does. */
  readonly updates: 'always' | 'when-changed';
}

/** What a custom resource's function sends (CloudFormation User Guide, "Custom resource response objects"). */
const responseShape = z.object({
  Status: z.enum(['SUCCESS', 'FAILED']),
  Reason: z.optional(z.string()),
  PhysicalResourceId: z.string().check(z.minLength(1), z.maxLength(1024)),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  NoEcho: z.optional(z.boolean()),
  Data: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
});

/**
 * Creates or updates every custom resource of these stacks, one after another in the order of the templates. One that
 * answers another physical id was replaced: what it was before is deleted.
 *
 * @throws {StartupError} naming the resource whose function failed, or answered nothing.
 */
export async function runCustomResources(
  resolver: Resolver,
  stacks: readonly Stack[],
  options: CustomResourceOptions,
): Promise<void> {
  for (const { stack, logicalId } of resolver.addresses(isCustomResource)) {
    if (stacks.includes(stack)) {
      await runCustomResource(resolver.resource(stack, logicalId), options);
    }
  }
}

async function runCustomResource(resource: Resource, options: CustomResourceOptions): Promise<void> {
  const key = `${resource.stack.name}/${resource.logicalId}`;
  const former = options.store.states.get(key);
  const properties = membersAsTexts(resource.properties);
  if (former && options.updates === 'when-changed' && isDeepStrictEqual(former.properties, properties)) {
    return;
  }
  const { physicalId, data } = await ask(resource, options, {
    RequestType: former ? 'Update' : 'Create',
    ResourceProperties: properties,
    ...(former && { PhysicalResourceId: former.physicalId, OldResourceProperties: former.properties }),
  });
  await options.store.save(key, { physicalId, data, properties });
  if (former && former.physicalId !== physicalId) {
    const { physicalId: PhysicalResourceId, properties: ResourceProperties } = former;
    await ask(resource, options, { RequestType: 'Delete', ResourceProperties, PhysicalResourceId });
  }
}

/** Sends one event to a custom resource's function, and takes its answer. */
async function ask(
  resource: Resource,
  options: CustomResourceOptions,
  request: { readonly RequestType: string; readonly ResourceProperties: Json; readonly [member: string]: unknown },
): Promise<CustomResourceState> {
  const key = `${resource.stack.name}/${resource.logicalId}`;
  const functionArn = String(request.ResourceProperties.ServiceToken);
  const answer = await options.inbox.expect(async (responseUrl) => {
    const event = {
      ServiceToken: functionArn,
      ResponseURL: responseUrl,
      StackId: stackId(resource.stack),
      RequestId: randomUUID(),
      LogicalResourceId: resource.logicalId,
      ResourceType: resource.type,
      ...request,
    };
    const invocation = await options.invoke(functionArn, event);
    return invocation.kind === 'error' ? `${invocation.errorType}: ${invocation.errorMessage}` : undefined;
  });
  if (answer.kind === 'none') {
    throw new StartupError(`${key}: its function answered nothing${answer.reason ? ` (${answer.reason})` : ''}`);
  }
  const response = responseShape.safeParse(answer.body);
  if (!response.success) {
    throw new StartupError(`${key}: its function's answer is malformed: ${response.error.issues[0]?.path.join('.')}`);
  }
  const { Status, Reason, PhysicalResourceId, Data } = response.data;
  if (Status === 'FAILED') {
    throw new StartupError(`${key}: its function failed: ${Reason ?? 'no reason was given'}`);
  }
  return { physicalId: PhysicalResourceId, data: Data ?? {} };
}

const membersAsTexts = (value: Json): Json =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asTexts(member)]));

/** CloudFormation hands numbers and booleans to custom resources as text. */
function asTexts(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(asTexts);
  }
  if (isObject(value)) {
    return membersAsTexts(value);
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
