import { type CustomResourceState, createResolver, type Resolver } from '../../../local/cloudformation/resolver.ts';
import { parseTemplate, type Stack } from '../../../local/cloudformation/template.ts';

/** A stack whose template holds these sections. */
export function stack(sections: object, name = 'S', assets: Stack['assets'] = new Map()): Stack {
  const template = parseTemplate(name, JSON.stringify({ Resources: {}, ...sections }));
  return { name, region: 'eu-central-1', accountId: '000000000000', template, assets };
}

export interface ResolverState {
  readonly rewrite?: (text: string) => string;
  readonly customResources?: ReadonlyMap<string, CustomResourceState>;
  readonly assignedIds?: ReadonlyMap<string, string>;
}

export function resolverOf(stacks: readonly Stack[], state: ResolverState = {}): Resolver {
  return createResolver({
    stacks,
    rewrite: (text) => text,
    customResources: new Map(),
    assignedIds: new Map(),
    ...state,
  });
}

/** A resolver over one stack with these resources. */
export function resourcesOf(resources: object): Resolver {
  return resolverOf([stack({ Resources: resources })]);
}
