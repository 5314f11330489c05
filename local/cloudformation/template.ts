import * as z from 'zod/mini';
import { StartupError } from '../startup-error.ts';

/** A JSON object of a template, intrinsic functions included. */
export type Json = Readonly<Record<string, unknown>>;

const json = z.record(z.string(), z.unknown());

const resourceShape = z.strictObject({
  Type: z.string(),
  Properties: z.optional(json),
  Condition: z.optional(z.string()),
  // What follows orders, protects or describes; none of it changes how a resource behaves once it is there.
  DependsOn: z.optional(z.union([z.string(), z.array(z.string())])),
  Metadata: z.optional(json),
  DeletionPolicy: z.optional(z.string()),
  UpdateReplacePolicy: z.optional(z.string()),
});

const templateShape = z.strictObject({
  Resources: z.record(z.string(), resourceShape),
  Outputs: z.optional(
    z.record(
      z.string(),
      z.strictObject({
        Value: z.unknown(),
        Description: z.optional(z.string()),
        Condition: z.optional(z.string()),
        Export: z.optional(z.strictObject({ Name: z.unknown() })),
      }),
    ),
  ),
  Parameters: z.optional(z.record(z.string(), z.looseObject({ Type: z.string(), Default: z.optional(z.unknown()) }))),
  Conditions: z.optional(json),
  Mappings: z.optional(z.record(z.string(), z.record(z.string(), json))),
  // Rules only assert about parameters (CDK's check of the bootstrap version).
  Rules: z.optional(json),
  Description: z.optional(z.string()),
  Metadata: z.optional(json),
  AWSTemplateFormatVersion: z.optional(z.string()),
});

export type Template = z.infer<typeof templateShape>;
export type TemplateResource = z.infer<typeof resourceShape>;

/** A synthesized stack: its template, and where CDK put the files its functions are made of. */
export interface Stack {
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  readonly template: Template;
  /** S3 object key → path of the file or folder in the assembly. */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Reads a template.
 *
 * @throws {StartupError} naming a section or a resource member that is not known here.
 */
export function parseTemplate(stackName: string, text: string): Template {
  const parsed = templateShape.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys : [])].join('.');
    throw new StartupError(`stack ${stackName}: the local run does not know ${path} of its template`);
  }
  return parsed.data;
}

/** Whether a value is an object and not a list. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
