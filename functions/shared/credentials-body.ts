import type { Integration } from '../../src/entities/integration.ts';

/** In whose hands its credentials may be besides its owner's, as far as that was noted. */
export function credentialsBody({
  credentialsChanged: changed,
  credentialsSeen: seen,
}: Pick<Integration, 'credentialsChanged' | 'credentialsSeen'>) {
  return {
    ...(changed && { credentials_changed_at: changed.at, credentials_changed_by: changed.by }),
    ...(seen && { credentials_seen_at: seen.at, credentials_seen_by: seen.by }),
  };
}
