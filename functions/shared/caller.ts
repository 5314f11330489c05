import { holds } from '../../src/api/rights.ts';
import type { Caller } from '../../src/entities/requested-rights.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';

/** Who calls, as the rules on rights see it: what the token carries and is still granted, in the global context. */
export function callerOf({ tenant, subject, rights }: AuthorizerContext): Caller {
  return { tenant, subject, holds: (right) => holds(rights, right) };
}
