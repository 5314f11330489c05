import { authorizationCode } from './authorization-code.ts';
import { clientCredentials } from './client-credentials.ts';
import type { Grant } from './grant.ts';
import { refreshToken } from './refresh-token.ts';

/** The registry: a grant that stands here is offered, and named in the metadata. */
const grants: readonly Grant[] = [clientCredentials, authorizationCode, refreshToken];

/** Every grant by its `grant_type`. */
export const grantsByType: ReadonlyMap<string, Grant> = new Map(grants.map((grant) => [grant.grantType, grant]));
