import type { Integration } from '../../entities/integration.ts';
import { hashOf, matches } from '../../entities/recognizable-secret.ts';
import type { PresentedCredentials } from './method.ts';

/** Compared with where there is no secret to compare with; no secret has it. */
const decoyHash = hashOf('');

/** A client's secret, however it was sent. */
export function presentedSecret(unverifiedClientId: string | undefined, secret: string): PresentedCredentials {
  return {
    unverifiedClientId,
    prove: async (integration, { clock }) => secretThatMatches(integration, secret, clock.now()),
  };
}

/** The id of the live secret that `secret` is; every secret is compared, whichever matches. */
function secretThatMatches(integration: Integration | undefined, secret: string, now: number): string | undefined {
  const kept = integration?.secrets ?? [];
  if (kept.length === 0) matches(secret, decoyHash);
  let found: string | undefined;
  for (const { id, hash, expiresAt } of kept) {
    const live = expiresAt === undefined || now < Date.parse(expiresAt);
    if (matches(secret, hash) && live) found = id;
  }
  return found;
}
