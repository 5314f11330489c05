import type * as z from 'zod/mini';
import { heldRightsBody } from '../../src/api/schemas/held-rights.ts';
import type { sshKeyAnswer, sshKeyOwnerAnswer } from '../../src/api/schemas/ssh-key.ts';
import { grantedRights } from '../../src/entities/integration.ts';
import { noProjectGrants } from '../../src/entities/project-rights.ts';
import type { SshKey, SshKeyOwner } from '../../src/entities/ssh-key.ts';

/** What is shown of a key. */
export function sshKeyBody(key: SshKey): z.output<typeof sshKeyAnswer> {
  return {
    id: key.id,
    fingerprint: key.fingerprint,
    type: key.type,
    name: key.name,
    created_at: key.createdAt,
    ...(key.lastUsedAt !== undefined && { last_used_at: key.lastUsedAt }),
  };
}

/** What an SSH server is told of a key. */
export function sshKeyOwnerBody({ key, integration }: SshKeyOwner): z.output<typeof sshKeyOwnerAnswer> {
  const { clientId, name, projectGrants = noProjectGrants } = integration;
  const { count, listed } = projectGrants;
  return {
    ...sshKeyBody(key),
    key: `${key.type} ${key.blob}`,
    integration: { client_id: clientId, name, status: 'active' },
    rights: heldRightsBody({ global: grantedRights(integration), byProject: listed ?? {} }),
    ...(listed === undefined && { unnamed_projects: count }),
  };
}
