import type { RightInContext } from '../../src/entities/user.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { holdsIn } from '../../src/oauth/holdings.ts';

/** Whether the caller holds a right in its context: held globally, a right holds in every project. */
export function holderOf({ rights, projectRights }: AuthorizerContext): (needed: RightInContext) => boolean {
  return ({ right, project }) => holdsIn({ global: rights, byProject: projectRights }, right, project);
}
