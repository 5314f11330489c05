import { authorizationCode } from './authorization-code.ts';
import { clientCredentials } from './client-credentials.ts';
import { deviceCode } from './device-code.ts';
import type { Grant } from './grant.ts';
import { password } from './password.ts';
import { refreshToken } from './refresh-token.ts';

/** The registry: a grant that stands here is offered, and named in the metadata. */
const grants: readonly Grant[] = [clientCredentials, authorizationCode, refreshToken, deviceCode, password];

/** Every grant by its `grant_type`. */
export const grantsByType: ReadonlyMap<string, Grant> = new Map(grants.map((grant) => [grant.grantType, grant]));
