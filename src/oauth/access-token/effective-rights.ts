import { holds, isRight, rightOf } from '../../api/rights.ts';
import { grantedRights } from '../../entities/integration.ts';
import type { LiveIntegration } from '../../entities/liveness.ts';
import type { AccessTokenClaims, ProjectAuthorization } from './claims.ts';

/** What a token may do now: carried by it and still granted. */
export interface EffectiveRights {
  /** In the global context. */
  readonly global: readonly string[];
  /** In single projects besides, by project key; a project without any is not named. */
  readonly byProject: Readonly<Record<string, readonly string[]>>;
}

/** The rights that the token carries, as far as its integration holds them still. */
export function effectiveRights(claims: AccessTokenClaims, integration: LiveIntegration): EffectiveRights {
  const granted = grantedRights(integration);
  return {
    global: inBoth(claims.scope?.split(' ') ?? [], granted),
    byProject: claims.authorization_details ? projectRights(claims.authorization_details, granted) : {},
  };
}

function projectRights(details: readonly ProjectAuthorization[], granted: readonly string[]) {
  const carried = new Map<string, string[]>();
  for (const { identifier, actions } of details)
    carried.set(identifier, [...(carried.get(identifier) ?? []), ...actions]);
  const held = [...carried].map(([project, rights]) => [project, inBoth(rights, granted)] as const);
  return Object.fromEntries(held.filter(([, rights]) => rights.length > 0));
}

/**
 * The rights that both lists hold, each as far as it goes: of `issues:write` carried and `issues:read` granted remains
 * `issues:read`.
 */
function inBoth(carried: readonly string[], granted: readonly string[]): string[] {
  const held: string[] = [];
  for (const right of carried) {
    if (granted.includes(right) || holds(granted, right)) held.push(right);
    else held.push(...impliedBy(right).filter((implied) => !carried.includes(implied) && holds(granted, implied)));
  }
  return held;
}

function impliedBy(right: string): readonly string[] {
  return (isRight(right) && rightOf(right).implies) || [];
}
