import * as z from 'zod/mini';
import type { LambdaIntegration, MockIntegration } from '../api-gateway/rest-api.ts';
import type { Resource } from './resolver.ts';
import { readShape, unknownFeature } from './shape.ts';

const texts = z.record(z.string(), z.string());

const lambdaShape = z.strictObject({
  Type: z.literal('AWS_PROXY'),
  // Lambda is always called with POST, whatever the method.
  IntegrationHttpMethod: z.literal('POST'),
  Uri: z.string(),
  TimeoutInMillis: z._default(z.coerce.number().check(z.gte(50), z.lte(29_000)), 29_000),
  // For non-proxy integrations only.
  PassthroughBehavior: z.optional(z.string()),
});

const mockShape = z.strictObject({
  Type: z.literal('MOCK'),
  RequestTemplates: texts,
  IntegrationResponses: z.array(
    z.strictObject({
      StatusCode: z.coerce.number(),
      SelectionPattern: z.optional(z.string()),
      ResponseParameters: z._default(texts, {}),
      ResponseTemplates: z._default(texts, {}),
    }),
  ),
  PassthroughBehavior: z.optional(z.enum(['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'])),
});

const integrationShape = z.discriminatedUnion('Type', [lambdaShape, mockShape]);

/** What stands behind a method: a function, or an answer that the template itself holds. */
export function integrationOf(method: Resource): LambdaIntegration | MockIntegration {
  const integration = readShape(integrationShape, method.properties.Integration, method, 'Integration');
  return integration.Type === 'MOCK'
    ? mockIntegration(integration, method)
    : {
        kind: 'lambda',
        functionArn: functionOfUri(integration.Uri, method),
        timeoutMilliseconds: integration.TimeoutInMillis,
      };
}

/** `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function ARN}/invocations` → the function's ARN. */
export function functionOfUri(uri: string, resource: Resource): string {
  const functionArn = /^arn:aws:apigateway:[^:]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri)?.[1];
  if (functionArn === undefined) {
    throw unknownFeature(resource, `the integration URI ${uri}`);
  }
  return functionArn;
}

/** A mock as CDK writes it for preflight requests: a fixed status, fixed headers, no template logic. */
function mockIntegration(integration: z.infer<typeof mockShape>, method: Resource): MockIntegration {
  const template = integration.RequestTemplates['application/json'] ?? '';
  const status = /^\s*\{\s*"?statusCode"?\s*:\s*(\d{3})\s*\}\s*$/.exec(template)?.[1];
  if (status === undefined) {
    throw unknownFeature(method, `the mock's request template ${template}`);
  }
  const response =
    integration.IntegrationResponses.find(
      ({ SelectionPattern }) => SelectionPattern !== undefined && new RegExp(`^(?:${SelectionPattern})$`).test(status),
    ) ?? integration.IntegrationResponses.find(({ SelectionPattern }) => SelectionPattern === undefined);
  if (!response) {
    throw unknownFeature(method, `a mock's status ${status} without an integration response`);
  }
  const [contentType, body = ''] = Object.entries(response.ResponseTemplates)[0] ?? [];
  if (/[$#]/.test(body)) {
    throw unknownFeature(method, `the mock's response template ${body}`);
  }
  return {
    kind: 'mock',
    status: response.StatusCode,
    headers: Object.entries(response.ResponseParameters).map(([name, value]) => {
      const header = /^method\.response\.header\.(.+)$/.exec(name)?.[1];
      const text = /^'(.*)'$/s.exec(value)?.[1];
      if (header === undefined || text === undefined) {
        throw unknownFeature(method, `the response parameter ${name}: ${value}`);
      }
      return [header, text] as const;
    }),
    body,
    ...(contentType === undefined ? {} : { contentType }),
  };
}
