import { holds, rightNames, rightOf } from '../../src/api/rights.ts';
import type { Caller } from '../../src/entities/requested-rights.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { holderOf } from './held-rights.ts';

/** Who calls, as the rules on rights see it: what the token carries and is still granted. */
export function callerOf(context: AuthorizerContext): Caller {
  const { tenant, subject, clientId, rights } = context;
  const isHeld = holderOf(context);
  return {
    tenant,
    subject,
    clientId,
    holds: (right, project) => isHeld({ right, ...(project !== undefined && { project }) }),
    lackedInSomeProject: () => rightNames.filter((name) => rightOf(name).level === 'project' && !holds(rights, name)),
  };
}
