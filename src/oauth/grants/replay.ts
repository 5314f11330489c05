import { auditEvent, originAt } from '../../entities/audit-event.ts';
import type { FamilyDraft } from '../../entities/token-family.ts';
import type { GrantRequest } from './grant.ts';

/**
 * Ends a family because what may be used once came twice: somebody else may have it (RFC 9700 §2.2.2 and §4.5). The audit log
 * is told with the same write, once however often it comes again.
 *
 * @throws DependencyUnavailable
 */
export async function endReplayed(
  { client, source, ports }: GrantRequest,
  { tenant, id, user }: FamilyDraft,
  presented: 'authorization_code' | 'refresh_token',
): Promise<void> {
  const { clientId } = client.integration;
  const now = ports.clock.now();
  const changes = { presented, token_family: id, ...(user && { user: user.id }) };
  const event = { tenant, action: 'authorization.replayed', object: clientId, changes };
  const at = new Date(now).toISOString();
  await ports.families.revoke(
    tenant,
    id,
    at,
    auditEvent(event, originAt(source, clientId, { clientId }), now, ports.randomBytes),
  );
}
