import type * as z from 'zod/mini';
import { heldRightsBody } from '../../src/api/schemas/held-rights.ts';
import type { personalAccessTokenAnswer } from '../../src/api/schemas/personal-access-token.ts';
import type { PersonalAccessToken } from '../../src/entities/personal-access-token.ts';

/** A personal access token as it is shown: never the token. */
export function personalAccessTokenBody(token: PersonalAccessToken): z.output<typeof personalAccessTokenAnswer> {
  return {
    id: token.id,
    name: token.name,
    rights: heldRightsBody(token.rights),
    client_id: token.clientId,
    last_four: token.lastFour,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    ...(token.lastUsedAt !== undefined && { last_used_at: token.lastUsedAt }),
  };
}
