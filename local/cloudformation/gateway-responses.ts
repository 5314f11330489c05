import * as z from 'zod/mini';
import { checkContextTemplate } from '../api-gateway/context-template.ts';
import {
  type GatewayResponseSettings,
  type GatewayResponseType,
  gatewayResponseStatuses,
  type ResponseHeader,
} from '../api-gateway/rest-api.ts';
import type { Resolver, Resource } from './resolver.ts';
import { readShape, unknownFeature } from './shape.ts';

const texts = z._default(z.record(z.string(), z.string()), {});

const shape = z.object({
  ResponseType: z.string(),
  RestApiId: z.string(),
  StatusCode: z.optional(z.coerce.number()),
  ResponseParameters: texts,
  ResponseTemplates: texts,
});

/** The gateway responses of one REST API. */
export function gatewayResponses(
  resolver: Resolver,
  restApiId: string,
): Map<GatewayResponseType, GatewayResponseSettings> {
  return new Map(
    resolver
      .resources('AWS::ApiGateway::GatewayResponse')
      .filter(({ properties }) => properties.RestApiId === restApiId)
      .map((resource) => {
        const properties = readShape(shape, resource.properties, resource);
        return [responseType(properties.ResponseType, resource), settings(properties, resource)] as const;
      }),
  );
}

function settings(properties: z.infer<typeof shape>, resource: Resource): GatewayResponseSettings {
  for (const template of Object.values(properties.ResponseTemplates)) {
    try {
      checkContextTemplate(template);
    } catch (error) {
      throw unknownFeature(resource, error instanceof Error ? error.message : template);
    }
  }
  return {
    ...(properties.StatusCode === undefined ? {} : { status: properties.StatusCode }),
    headers: Object.entries(properties.ResponseParameters).map(([name, value]) => header(name, value, resource)),
    templates: new Map(Object.entries(properties.ResponseTemplates).map(([type, text]) => [type.toLowerCase(), text])),
  };
}

function responseType(name: string, resource: Resource): GatewayResponseType {
  const known = Object.keys(gatewayResponseStatuses).find((type): type is GatewayResponseType => type === name);
  if (known === undefined) {
    throw unknownFeature(resource, `the response type ${name}`);
  }
  return known;
}

/** A static text in single quotes, or a value of the request: what API Gateway documents for gateway responses. */
function header(parameter: string, value: string, resource: Resource): ResponseHeader {
  const name = /^gatewayresponse\.header\.(.+)$/.exec(parameter)?.[1];
  const text = /^'(.*)'$/s.exec(value)?.[1];
  const [, from, source] = /^method\.request\.(header|querystring|path)\.(.+)$/.exec(value) ?? [];
  if (name !== undefined && text !== undefined) {
    return { name, value: { static: text } };
  }
  if (name !== undefined && source !== undefined && (from === 'header' || from === 'querystring' || from === 'path')) {
    return { name, value: { from, name: source } };
  }
  throw unknownFeature(resource, `the response parameter ${parameter}: ${value}`);
}
