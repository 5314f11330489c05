import { StartupError } from '../startup-error.ts';
import { createIntrinsics, noValue } from './intrinsics.ts';
import { physicalName } from './physical-id.ts';
import {
  hasAssignedId,
  isCustomResource,
  type ResourceIdentity,
  resourceTypes,
  typesWithoutEffect,
} from './resource-types.ts';
import { isObject, type Json, type Stack, type TemplateResource } from './template.ts';

/** What a custom resource answered. */
export interface CustomResourceState {
  readonly physicalId: string;
  readonly data: Json;
}

/** A resource with every property resolved. */
export interface Resource {
  readonly stack: Stack;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Json;
  /** What `Ref` gives; empty where nothing has been assigned yet. */
  readonly ref: string;
}

export interface Resolver {
  /** Every resource of one type, or of those that `matches`, whose condition holds. */
  resources(matches: string | ((type: string) => boolean)): Resource[];
  /** Where such resources are, without resolving their properties. */
  addresses(matches: (type: string) => boolean): { readonly stack: Stack; readonly logicalId: string }[];
  resource(stack: Stack, logicalId: string): Resource;
  /** A stack's outputs. */
  outputs(stack: Stack): Record<string, string>;
}

export interface ResolverOptions {
  readonly stacks: readonly Stack[];
  /** Puts local addresses in the place of those that AWS would give. */
  readonly rewrite: (text: string) => string;
  /** By `stack/logicalId`; absent until the resource was created. */
  readonly customResources: ReadonlyMap<string, CustomResourceState>;
  /** By `stack/logicalId`: ids that services give (a key's id, a secret's ARN); absent until the resource was made. */
  readonly assignedIds: ReadonlyMap<string, string>;
}

/**
 * Resolves the intrinsic functions of templates as CloudFormation does, over all stacks at once.
 *
 * @throws {StartupError} from every method, naming the stack and what in it is not known or not there.
 */
export function createResolver({ stacks, rewrite, customResources, assignedIds }: ResolverOptions): Resolver {
  const { resolve, text, condition } = createIntrinsics({
    reference,
    attribute,
    importValue,
    stackOutput,
    ssmParameter,
    rewrite,
  });

  function reference(name: string, stack: Stack): unknown {
    const pseudo: Readonly<Record<string, unknown>> = {
      'AWS::AccountId': stack.accountId,
      'AWS::NoValue': noValue,
      'AWS::NotificationARNs': [],
      'AWS::Partition': 'aws',
      'AWS::Region': stack.region,
      'AWS::StackId': stackId(stack),
      'AWS::StackName': stack.name,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    if (Object.hasOwn(pseudo, name)) {
      return pseudo[name];
    }
    const parameter = stack.template.Parameters?.[name];
    if (parameter) {
      if (parameter.Default === undefined) {
        throw new StartupError(`stack ${stack.name}: the parameter ${name} has no default value`);
      }
      return parameter.Type.startsWith('AWS::SSM::Parameter::Value')
        ? ssmParameter(String(parameter.Default), stack)
        : parameter.Default;
    }
    const resource = resourceOf(name, stack);
    if (isCustomResource(resource.Type)) {
      return customResource(name, stack).physicalId;
    }
    return (
      resourceTypes[resource.Type]?.ref(identity(name, stack)) ??
      physicalName({ stackName: stack.name, logicalId: name })
    );
  }

  function attribute(logicalId: string, name: string, stack: Stack): unknown {
    const resource = resourceOf(logicalId, stack);
    if (isCustomResource(resource.Type)) {
      const value = customResource(logicalId, stack).data[name];
      if (value === undefined) {
        throw new StartupError(`stack ${stack.name}: ${logicalId} has answered no attribute ${name}`);
      }
      return value;
    }
    if (Object.hasOwn(typesWithoutEffect, resource.Type)) {
      return `arn:aws:local:${stack.region}:${stack.accountId}:${stack.name}/${logicalId}/${name}`;
    }
    const value = resourceTypes[resource.Type]?.attributes?.[name];
    if (!value) {
      throw new StartupError(
        `stack ${stack.name}: the local run does not know the attribute ${name} of ${resource.Type}`,
      );
    }
    return value(identity(logicalId, stack));
  }

  function customResource(logicalId: string, stack: Stack): CustomResourceState {
    const state = customResources.get(`${stack.name}/${logicalId}`);
    if (!state) {
      throw new StartupError(`stack ${stack.name}: ${logicalId} is used before its function has answered`);
    }
    return state;
  }

  function resourceOf(logicalId: string, stack: Stack): TemplateResource {
    const resource = stack.template.Resources[logicalId];
    if (!resource) {
      throw new StartupError(`stack ${stack.name}: there is no resource or parameter ${logicalId}`);
    }
    return resource;
  }

  function identity(logicalId: string, stack: Stack): ResourceIdentity {
    const properties = resourceOf(logicalId, stack).Properties ?? {};
    return {
      stackName: stack.name,
      logicalId,
      region: stack.region,
      accountId: stack.accountId,
      assignedId: () => {
        const id = assignedIds.get(`${stack.name}/${logicalId}`);
        if (id === undefined) {
          throw new StartupError(`stack ${stack.name}: ${logicalId} is used before it was made`);
        }
        return id;
      },
      text: (property) =>
        properties[property] === undefined ? undefined : text(properties[property], stack, `${logicalId}.${property}`),
    };
  }

  function importValue(exportName: string, importer: Stack): unknown {
    for (const stack of stacks) {
      for (const output of Object.values(stack.template.Outputs ?? {})) {
        if (output.Export && text(output.Export.Name, stack, 'Export.Name') === exportName) {
          return resolve(output.Value, stack);
        }
      }
    }
    throw new StartupError(`stack ${importer.name}: no stack exports ${exportName}`);
  }

  function stackOutput(argument: unknown, importer: Stack): unknown {
    const { StackName, OutputName, Region, ...others } = isObject(argument) ? argument : {};
    if (Object.keys(others).length > 0) {
      throw new StartupError(
        `stack ${importer.name}: the local run does not know ${Object.keys(others)[0]} of Fn::GetStackOutput`,
      );
    }
    const stackName = text(StackName, importer, 'Fn::GetStackOutput').split('/').at(0);
    const region = Region === undefined ? importer.region : text(Region, importer, 'Fn::GetStackOutput');
    const stack = stacks.find((candidate) => candidate.name === stackName && candidate.region === region);
    const output = stack?.template.Outputs?.[text(OutputName, importer, 'Fn::GetStackOutput')];
    if (!stack || !output) {
      throw new StartupError(`stack ${importer.name}: stack ${stackName} in ${region} has no output ${OutputName}`);
    }
    return resolve(output.Value, stack);
  }

  function ssmParameter(name: string, importer: Stack): string {
    for (const stack of stacks) {
      for (const [logicalId, resource] of Object.entries(stack.template.Resources)) {
        if (resource.Type === 'AWS::SSM::Parameter' && reference(logicalId, stack) === name) {
          return text(resource.Properties?.Value, stack, name);
        }
      }
    }
    throw new StartupError(`stack ${importer.name}: no stack writes the SSM parameter ${name}`);
  }

  function addresses(matches: (type: string) => boolean): { stack: Stack; logicalId: string }[] {
    return stacks.flatMap((stack) =>
      Object.entries(stack.template.Resources)
        .filter(([, resource]) => matches(resource.Type))
        .filter(([, resource]) => resource.Condition === undefined || condition(resource.Condition, stack))
        .map(([logicalId]) => ({ stack, logicalId })),
    );
  }

  function resolvedResource(stack: Stack, logicalId: string): Resource {
    const { Type, Properties } = resourceOf(logicalId, stack);
    const properties = resolve(Properties ?? {}, stack);
    const waits = isCustomResource(Type) || hasAssignedId(Type);
    const ref = waits ? '' : String(reference(logicalId, stack));
    return { stack, logicalId, type: Type, properties: isObject(properties) ? properties : {}, ref };
  }

  return {
    addresses,
    resource: resolvedResource,
    resources: (matches) =>
      addresses(typeof matches === 'string' ? (type) => type === matches : matches).map(({ stack, logicalId }) =>
        resolvedResource(stack, logicalId),
      ),
    outputs(stack) {
      const present = Object.entries(stack.template.Outputs ?? {}).filter(
        ([, output]) => output.Condition === undefined || condition(output.Condition, stack),
      );
      return Object.fromEntries(present.map(([name, output]) => [name, text(output.Value, stack, name)]));
    },
  };
}

/** The ARN by which custom resources know their stack. */
export function stackId(stack: Stack): string {
  return `arn:aws:cloudformation:${stack.region}:${stack.accountId}:stack/${stack.name}/local`;
}
