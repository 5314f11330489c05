import * as z from 'zod/mini';
import { matchesResourceArn, patternParts } from '../iam/patterns.ts';
import type { Resolver } from './resolver.ts';
import { readShape } from './shape.ts';

/** Whether a service may invoke a function in the name of a source. */
export type InvokePermissions = (functionArn: string, service: string, sourceArn: string) => boolean;

const shape = z.object({
  Action: z.literal('lambda:InvokeFunction'),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.optional(z.string()),
  SourceAccount: z.optional(z.string()),
});

/** The functions' resource policies, as every `AWS::Lambda::Permission` of the templates makes them. */
export function invokePermissions(resolver: Resolver): InvokePermissions {
  const permissions = resolver.resources('AWS::Lambda::Permission').map((resource) => {
    const permission = readShape(shape, resource.properties, resource);
    return { ...permission, ownAccount: resource.stack.accountId };
  });
  return (functionArn, service, sourceArn) =>
    permissions.some(
      ({ FunctionName, Principal, SourceArn, SourceAccount, ownAccount }) =>
        (FunctionName === functionArn || functionArn.endsWith(`:function:${FunctionName}`)) &&
        Principal === service &&
        (SourceAccount === undefined || SourceAccount === ownAccount) &&
        (SourceArn === undefined || matchesResourceArn(patternParts(SourceArn), sourceArn)),
    );
}
