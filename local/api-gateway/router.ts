import { decodePathParameter, pathSegments } from './path.ts';
import type { Method } from './rest-api.ts';

export interface RouteMatch {
  readonly method: Method;
  /** Decoded, by name; empty where the resource has none. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Node {
  readonly fixed: Map<string, Node>;
  parameter?: { readonly name: string; readonly node: Node };
  proxy?: { readonly name: string; readonly node: Node };
  readonly methods: Map<string, Method>;
}

export interface Router {
  /** The method that serves a path below the stage; undefined where API Gateway has no resource or no such method. */
  match(httpMethod: string, path: string): RouteMatch | undefined;
}

/**
 * Resource matching as API Gateway does it: a fixed segment goes before `{name}`, that before `{name+}`; a resource
 * with methods that does not have this one is no match (the answer is MISSING_AUTHENTICATION_TOKEN, never 405).
 */
export function createRouter(methods: readonly Method[]): Router {
  const root = node();
  for (const method of methods) {
    insert(root, method);
  }
  return {
    match(httpMethod, path) {
      const found = path.startsWith('/') ? find(root, pathSegments(path), {}) : undefined;
      const method = found?.node.methods.get(httpMethod) ?? found?.node.methods.get('ANY');
      return found && method ? { method, pathParameters: found.parameters } : undefined;
    },
  };
}

function insert(root: Node, method: Method): void {
  let current = root;
  for (const segment of pathSegments(method.resourcePath)) {
    const parameter = /^\{([^+}]+)(\+?)\}$/.exec(segment);
    const name = parameter?.[1];
    if (name === undefined) {
      current = getOrAdd(current.fixed, segment);
    } else if (parameter?.[2] === '+') {
      current.proxy ??= { name, node: node() };
      current = current.proxy.node;
    } else {
      current.parameter ??= { name, node: node() };
      current = current.parameter.node;
    }
  }
  current.methods.set(method.httpMethod, method);
}

interface Found {
  readonly node: Node;
  readonly parameters: Readonly<Record<string, string>>;
}

function find(from: Node, segments: readonly string[], parameters: Found['parameters']): Found | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    return from.methods.size > 0 ? { node: from, parameters } : undefined;
  }
  const fixed = from.fixed.get(segment);
  const viaFixed = fixed && find(fixed, rest, parameters);
  if (viaFixed) {
    return viaFixed;
  }
  // An empty segment is no value for a parameter.
  const { parameter, proxy } = from;
  const viaParameter =
    parameter && segment !== ''
      ? find(parameter.node, rest, { ...parameters, [parameter.name]: decodePathParameter(segment) })
      : undefined;
  if (viaParameter) {
    return viaParameter;
  }
  const remainder = segments.join('/');
  return proxy && remainder !== ''
    ? { node: proxy.node, parameters: { ...parameters, [proxy.name]: decodePathParameter(remainder) } }
    : undefined;
}

function node(): Node {
  return { fixed: new Map(), methods: new Map() };
}

function getOrAdd(children: Map<string, Node>, segment: string): Node {
  const existing = children.get(segment);
  if (existing) {
    return existing;
  }
  const added = node();
  children.set(segment, added);
  return added;
}
