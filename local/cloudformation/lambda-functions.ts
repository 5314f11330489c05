import { existsSync, statSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Resolver, Resource } from './resolver.ts';
import { readShape, unknownFeature } from './shape.ts';

/** A function as its template describes it. */
export interface LambdaFunction {
  readonly arn: string;
  readonly name: string;
  readonly code: { readonly directory: string } | { readonly inline: string };
  /** `index.handler` */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Megabytes. */
  readonly memorySize: number;
  readonly timeoutSeconds: number;
  readonly roleArn: string;
  readonly region: string;
  readonly accountId: string;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const shape = z.object({
  Code: z.union([z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }), z.strictObject({ ZipFile: z.string() })]),
  Environment: z.optional(z.strictObject({ Variables: z.optional(z.record(z.string(), scalar)) })),
  Handler: z.string(),
  MemorySize: z._default(z.coerce.number(), 128),
  Timeout: z._default(z.coerce.number(), 3),
  Role: z.string(),
  Runtime: z.literal('nodejs24.x'),
});

/** Every `AWS::Lambda::Function` of the templates. */
export function lambdaFunctions(resolver: Resolver): LambdaFunction[] {
  return resolver.resources('AWS::Lambda::Function').map((resource) => {
    const properties = readShape(shape, resource.properties, resource);
    const variables = Object.entries(properties.Environment?.Variables ?? {});
    const { region, accountId } = resource.stack;
    return {
      arn: `arn:aws:lambda:${region}:${accountId}:function:${resource.ref}`,
      name: resource.ref,
      code: codeOf(resource, properties.Code),
      handler: properties.Handler,
      environment: Object.fromEntries(variables.map(([name, value]) => [name, String(value)])),
      memorySize: properties.MemorySize,
      timeoutSeconds: properties.Timeout,
      roleArn: properties.Role,
      region,
      accountId,
    };
  });
}

function codeOf(resource: Resource, code: z.infer<typeof shape>['Code']): LambdaFunction['code'] {
  if ('ZipFile' in code) {
    return { inline: code.ZipFile };
  }
  const directory = resource.stack.assets.get(code.S3Key);
  if (directory === undefined || !existsSync(directory) || !statSync(directory).isDirectory()) {
    throw unknownFeature(resource, `the code ${code.S3Key} (no such folder in the assembly)`);
  }
  return { directory };
}
