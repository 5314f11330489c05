import type { Touches } from '../../entities/partition.ts';

const listed = ['Query', 'DeleteItem'] as const;
const listedByIndex = ['QueryIndex', 'DeleteItem'] as const;
/** Found by the row of something else. */
const found = ['DeleteItem'] as const;

/** What the removal of tenants does to the table: of all functions it alone deletes events of the audit log. */
export const tenantDeletionTouches = {
  'tenant-deletion': ['Query', 'PutItem', 'DeleteItem'],
  tenant: found,
  'tenant-list': found,
  'application-list': listed,
  application: listed,
  'app-offer': listed,
  'app-connection': listed,
  'application-connection': listed,
  'integration-name': listed,
  integration: found,
  'project-rights': listedByIndex,
  'pending-authorization': listed,
  'rights-removal': listed,
  'ssh-key': listed,
  'credential-use': listed,
  endpoint: listed,
  delivery: listed,
  'identity-provider': listed,
  'federated-identity': listed,
  username: listed,
  email: found,
  user: found,
  'user-credentials': found,
  'password-link': found,
  session: listed,
  consent: listedByIndex,
  'personal-access-token': listed,
  project: listed,
  issue: listed,
  'audit-event': ['Query', 'PutItem', 'DeleteItem'],
} as const satisfies Touches;
