import { StartupError } from '../startup-error.ts';
import { isObject, type Stack } from './template.ts';

/** What intrinsic functions look up outside their own text. */
export interface Lookups {
  /** `Ref` of a parameter, a resource or a pseudo parameter. */
  reference(name: string, stack: Stack): unknown;
  /** `Fn::GetAtt` */
  attribute(logicalId: string, name: string, stack: Stack): unknown;
  /** `Fn::ImportValue` */
  importValue(exportName: string, stack: Stack): unknown;
  /** `Fn::GetStackOutput`; its argument still unresolved. */
  stackOutput(argument: unknown, stack: Stack): unknown;
  /** The value of an SSM parameter, for dynamic references. */
  ssmParameter(name: string, stack: Stack): string;
  /** Is given every text once it is whole. */
  rewrite(text: string): string;
}

/** Evaluates intrinsic functions as CloudFormation does. */
export interface Intrinsics {
  resolve(value: unknown, stack: Stack): unknown;
  /** @param where what is read, for the error where it is not text. */
  text(value: unknown, stack: Stack, where: string): string;
  condition(name: string, stack: Stack): boolean;
}

/** `AWS::NoValue`: the property is left out. */
export const noValue = Symbol('AWS::NoValue');

/** @throws {StartupError} from every method, naming the stack and what in it is not known or not there. */
export function createIntrinsics(lookups: Lookups): Intrinsics {
  function resolve(value: unknown, stack: Stack): unknown {
    if (typeof value === 'string') {
      return lookups.rewrite(resolveDynamicReferences(value, stack));
    }
    if (Array.isArray(value)) {
      return value.map((item) => resolve(item, stack)).filter((item) => item !== noValue);
    }
    if (!isObject(value)) {
      return value;
    }
    const [name, ...others] = Object.keys(value);
    if (
      name !== undefined &&
      others.length === 0 &&
      (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'))
    ) {
      const result = name === 'Condition' && isObject(value[name]) ? undefined : intrinsic(name, value[name], stack);
      if (result !== undefined) {
        return typeof result === 'string' ? lookups.rewrite(result) : result;
      }
    }
    const members = Object.entries(value).map(([key, member]) => [key, resolve(member, stack)] as const);
    return Object.fromEntries(members.filter(([, member]) => member !== noValue));
  }

  function text(value: unknown, stack: Stack, where: string): string {
    const resolved = resolve(value, stack);
    if (typeof resolved === 'string' || typeof resolved === 'number' || typeof resolved === 'boolean') {
      return String(resolved);
    }
    throw new StartupError(`stack ${stack.name}: ${where} is not text: ${JSON.stringify(value)}`);
  }

  function list(value: unknown, stack: Stack, where: string): unknown[] {
    const resolved = resolve(value, stack);
    if (Array.isArray(resolved)) {
      return resolved;
    }
    throw new StartupError(`stack ${stack.name}: ${where} is not a list: ${JSON.stringify(value)}`);
  }

  function intrinsic(name: string, argument: unknown, stack: Stack): unknown {
    const parts = Array.isArray(argument) ? argument : [];
    switch (name) {
      case 'Ref':
        return lookups.reference(String(argument), stack);
      case 'Fn::GetAtt':
        return typeof argument === 'string'
          ? lookups.attribute(argument.split('.')[0] ?? '', argument.split('.').slice(1).join('.'), stack)
          : lookups.attribute(String(parts[0]), text(parts[1], stack, name), stack);
      case 'Fn::Join':
        return list(parts[1], stack, name)
          .map((part) => text(part, stack, name))
          .join(text(parts[0], stack, name));
      case 'Fn::Split':
        return text(parts[1], stack, name).split(text(parts[0], stack, name));
      case 'Fn::Select': {
        const selected = list(parts[1], stack, name)[Number(text(parts[0], stack, name))];
        if (selected === undefined) {
          throw new StartupError(`stack ${stack.name}: Fn::Select finds nothing in ${JSON.stringify(argument)}`);
        }
        return selected;
      }
      case 'Fn::Sub':
        return substitute(argument, stack);
      case 'Fn::Base64':
        return Buffer.from(text(argument, stack, name)).toString('base64');
      case 'Fn::If':
        return condition(String(parts[0]), stack) ? resolve(parts[1], stack) : resolve(parts[2], stack);
      case 'Condition':
        return typeof argument === 'string' ? condition(argument, stack) : undefined;
      case 'Fn::Equals':
        return text(parts[0], stack, name) === text(parts[1], stack, name);
      case 'Fn::And':
        return parts.every((part) => resolve(part, stack) === true);
      case 'Fn::Or':
        return parts.some((part) => resolve(part, stack) === true);
      case 'Fn::Not':
        return resolve(parts[0], stack) !== true;
      case 'Fn::FindInMap':
        return findInMap(parts, stack);
      case 'Fn::ImportValue':
        return lookups.importValue(text(argument, stack, name), stack);
      case 'Fn::GetStackOutput':
        return lookups.stackOutput(argument, stack);
      case 'Fn::ToJsonString':
        return JSON.stringify(resolve(argument, stack));
      default:
        throw new StartupError(`stack ${stack.name}: the local run does not know the intrinsic function ${name}`);
    }
  }

  function substitute(argument: unknown, stack: Stack): string {
    const [template, own] = Array.isArray(argument) ? argument : [argument, {}];
    return String(template).replaceAll(/\$\{(!?)([^}]+)\}/g, (_, escaped: string, name: string) => {
      if (escaped !== '') {
        return `\${${name}}`;
      }
      if (isObject(own) && name in own) {
        return text(own[name], stack, name);
      }
      const value = name.includes('.') && !name.startsWith('AWS::') ? { 'Fn::GetAtt': name } : { Ref: name };
      return text(value, stack, `\${${name}}`);
    });
  }

  function condition(name: string, stack: Stack): boolean {
    const definition = stack.template.Conditions?.[name];
    if (definition === undefined) {
      throw new StartupError(`stack ${stack.name}: there is no condition ${name}`);
    }
    return resolve(definition, stack) === true;
  }

  function findInMap(parts: readonly unknown[], stack: Stack): unknown {
    const [map = '', first = '', second = ''] = parts.slice(0, 3).map((part) => text(part, stack, 'Fn::FindInMap'));
    const found = stack.template.Mappings?.[map]?.[first]?.[second];
    const options = parts[3];
    if (found === undefined && isObject(options) && 'DefaultValue' in options) {
      return resolve(options.DefaultValue, stack);
    }
    if (found === undefined) {
      throw new StartupError(`stack ${stack.name}: the mapping ${map} has no ${first}.${second}`);
    }
    return found;
  }

  function resolveDynamicReferences(value: string, stack: Stack): string {
    return value.replaceAll(/\{\{resolve:([^:}]+):([^}]+)\}\}/g, (whole, service: string, name: string) => {
      if (service !== 'ssm') {
        throw new StartupError(`stack ${stack.name}: the local run does not know the dynamic reference ${whole}`);
      }
      return lookups.ssmParameter(name.split(':')[0] ?? '', stack);
    });
  }

  return { resolve, text, condition };
}
