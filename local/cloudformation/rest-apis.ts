import * as z from 'zod/mini';
import { contextIdentitySources } from '../api-gateway/authorizer.ts';
import type { Authorizer, IdentitySource, Method, RestApi } from '../api-gateway/rest-api.ts';
import { StartupError } from '../startup-error.ts';
import { gatewayResponses } from './gateway-responses.ts';
import { functionOfUri, integrationOf } from './integrations.ts';
import type { Resolver, Resource } from './resolver.ts';
import { rootResourceId } from './resource-types.ts';
import { readShape, unknownFeature } from './shape.ts';

const apiShape = z.object({
  BinaryMediaTypes: z._default(z.array(z.string()), []),
  DisableExecuteApiEndpoint: z._default(z.boolean(), false),
  EndpointConfiguration: z.optional(z.strictObject({ Types: z.tuple([z.literal('REGIONAL')]) })),
});

const stageShape = z.object({
  DeploymentId: z.string(),
  StageName: z.string(),
  Variables: z._default(z.record(z.string(), z.string()), {}),
});

const resourceShape = z.object({ ParentId: z.string(), PathPart: z.string() });

const methodShape = z.object({
  ApiKeyRequired: z._default(z.literal(false), false),
  AuthorizationType: z._default(z.enum(['NONE', 'CUSTOM']), 'NONE'),
  AuthorizerId: z.optional(z.string()),
  HttpMethod: z.enum(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']),
  ResourceId: z.string(),
});

const authorizerShape = z.object({
  Type: z.literal('REQUEST'),
  AuthorizerUri: z.string(),
  AuthorizerResultTtlInSeconds: z._default(z.coerce.number().check(z.gte(0), z.lte(3600)), 300),
  IdentitySource: z.optional(z.string()),
});

/** Every REST API with its stage. Methods are those of the template now: a stage serves what was deployed last. */
export function restApis(resolver: Resolver): RestApi[] {
  return resolver.resources('AWS::ApiGateway::RestApi').map((api) => {
    const properties = readShape(apiShape, api.properties, api);
    const [stage, ...others] = resolver
      .resources('AWS::ApiGateway::Stage')
      .filter((candidate) => candidate.properties.RestApiId === api.ref);
    if (!stage || others.length > 0) {
      throw new StartupError(`stack ${api.stack.name}: ${api.logicalId} needs exactly one stage`);
    }
    const { DeploymentId, StageName, Variables } = readShape(stageShape, stage.properties, stage);
    return {
      id: api.ref,
      stageName: StageName,
      deploymentId: DeploymentId,
      stageVariables: Variables,
      binaryMediaTypes: properties.BinaryMediaTypes,
      executeApiEndpointDisabled: properties.DisableExecuteApiEndpoint,
      methods: methodsOf(resolver, api),
      gatewayResponses: gatewayResponses(resolver, api.ref),
    };
  });
}

function methodsOf(resolver: Resolver, api: Resource): Method[] {
  const paths = resourcePaths(resolver, api);
  const authorizers = new Map(
    belonging(resolver, 'AWS::ApiGateway::Authorizer', api).map((resource) => [resource.ref, authorizerOf(resource)]),
  );
  return belonging(resolver, 'AWS::ApiGateway::Method', api).map((resource) => {
    const properties = readShape(methodShape, resource.properties, resource);
    const resourcePath = paths.get(properties.ResourceId);
    if (resourcePath === undefined) {
      throw unknownFeature(resource, `the resource ${properties.ResourceId}`);
    }
    const authorizer = authorizers.get(properties.AuthorizerId ?? '');
    if (properties.AuthorizationType === 'CUSTOM' && !authorizer) {
      throw unknownFeature(resource, `the authorizer ${properties.AuthorizerId}`);
    }
    return {
      resourceId: properties.ResourceId,
      resourcePath,
      httpMethod: properties.HttpMethod,
      ...(properties.AuthorizationType === 'CUSTOM' && authorizer ? { authorizer } : {}),
      integration: integrationOf(resource),
    };
  });
}

/** Resource id → path. */
function resourcePaths(resolver: Resolver, api: Resource): Map<string, string> {
  const root = rootResourceId({ stackName: api.stack.name, logicalId: api.logicalId });
  const shapes = new Map(
    belonging(resolver, 'AWS::ApiGateway::Resource', api).map((resource) => [
      resource.ref,
      readShape(resourceShape, resource.properties, resource),
    ]),
  );
  const pathOf = (id: string): string => {
    const shape = shapes.get(id);
    return shape === undefined || id === root ? '' : `${pathOf(shape.ParentId)}/${shape.PathPart}`;
  };
  return new Map([[root, '/'], ...[...shapes.keys()].map((id) => [id, pathOf(id)] as const)]);
}

function authorizerOf(resource: Resource): Authorizer {
  const properties = readShape(authorizerShape, resource.properties, resource);
  const sources = (properties.IdentitySource ?? '').split(',').filter((source) => source.trim() !== '');
  if (properties.AuthorizerResultTtlInSeconds > 0 && sources.length === 0) {
    throw unknownFeature(resource, 'a cache without identity sources');
  }
  return {
    id: resource.ref,
    functionArn: functionOfUri(properties.AuthorizerUri, resource),
    identitySources: sources.map((source) => identitySource(source.trim(), resource)),
    cacheSeconds: properties.AuthorizerResultTtlInSeconds,
  };
}

function identitySource(source: string, resource: Resource): IdentitySource {
  const [, from, name] = /^(?:method\.request\.)?(header|querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  const known =
    name !== undefined && (from !== 'context' || contextIdentitySources.some((candidate) => candidate === name));
  if (known && (from === 'header' || from === 'querystring' || from === 'context' || from === 'stageVariables')) {
    return { from, name };
  }
  throw unknownFeature(resource, `the identity source ${source}`);
}

function belonging(resolver: Resolver, type: string, api: Resource): Resource[] {
  return resolver.resources(type).filter(({ properties }) => properties.RestApiId === api.ref);
}
