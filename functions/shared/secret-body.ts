import type * as z from 'zod/mini';
import type { createdSecretAnswer, secretSummary } from '../../src/api/schemas/secret.ts';
import type { ClientSecret } from '../../src/entities/integration.ts';
import type { NewSecret } from './new-secret.ts';

/** A secret that was just made. */
export function createdSecretBody({ plaintext, kept }: NewSecret): z.output<typeof createdSecretAnswer> {
  return {
    id: kept.id,
    client_secret: plaintext,
    created_at: kept.createdAt,
    expires_at: kept.expiresAt ?? null,
  };
}

/**
 * What a list shows of a secret.
 *
 * @param lastUsedAt ISO 8601, to the hour
 */
export function secretSummaryBody(
  secret: ClientSecret,
  lastUsedAt: string | undefined,
): z.output<typeof secretSummary> {
  return {
    id: secret.id,
    created_at: secret.createdAt,
    expires_at: secret.expiresAt ?? null,
    last_four: secret.lastFour,
    ...(lastUsedAt !== undefined && { last_used_at: lastUsedAt }),
  };
}
