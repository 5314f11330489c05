import type { PartitionKind } from '../../entities/partition.ts';

/** Names of the table's attributes and index; infrastructure and adapters both take them from here. */
export const table = {
  partitionKey: 'pk',
  sortKey: 'sk',
  timeToLive: 'expires_at_epoch',
  index: { name: 'by-tenant', partitionKey: 'index_pk', sortKey: 'index_sk' },
} as const;

/** The first part of every partition key, by kind. None is a prefix of another when `#` is added. */
export const partitionPrefix: Readonly<Record<PartitionKind, string>> = {
  deployment: 'DEPLOYMENT',
  'cursor-key': 'CURSOR_KEY',
  tenant: 'TENANT',
  integration: 'INTEGRATION',
  'integration-name': 'INTEGRATION_NAME',
  user: 'USER',
  username: 'USERNAME',
  email: 'EMAIL',
  'user-credentials': 'USER_CREDENTIALS',
  'password-link': 'PASSWORD_LINK',
  'sign-in-attempts': 'SIGN_IN_ATTEMPTS',
  session: 'SESSION',
  interaction: 'INTERACTION',
  consent: 'CONSENT',
  'identity-provider': 'IDENTITY_PROVIDER',
  'federated-identity': 'FEDERATED_IDENTITY',
  'personal-access-token': 'PERSONAL_ACCESS_TOKEN',
  project: 'PROJECT',
  issue: 'ISSUE',
  'audit-event': 'AUDIT_EVENT',
  'revoked-token': 'REVOKED_TOKEN',
  'client-assertion': 'CLIENT_ASSERTION',
  'pushed-request': 'PUSHED_REQUEST',
  'authorization-code': 'AUTHORIZATION_CODE',
  'device-authorization': 'DEVICE_AUTHORIZATION',
  'user-code': 'USER_CODE',
  'token-family': 'TOKEN_FAMILY',
  'dpop-proof': 'DPOP_PROOF',
  'logout-delivery': 'LOGOUT_DELIVERY',
  'tenant-list': 'TENANT_LIST',
  'tenant-deletion': 'TENANT_DELETION',
  'project-rights': 'PROJECT_RIGHTS',
  'pending-authorization': 'PENDING_AUTHORIZATION',
  'rights-removal': 'RIGHTS_REMOVAL',
  application: 'APPLICATION',
  'application-list': 'APPLICATION_LIST',
  'app-offer': 'APP_OFFER',
  'app-connection': 'APP_CONNECTION',
  'application-connection': 'APPLICATION_CONNECTION',
  endpoint: 'ENDPOINT',
  'outgoing-event': 'OUTGOING_EVENT',
  delivery: 'DELIVERY',
  'ssh-key': 'SSH_KEY',
  'credential-use': 'CREDENTIAL_USE',
};

/**
 * A partition key: the kind's prefix and its parts, joined by `#`. Parts are ids of this project (`A-Za-z0-9_` and
 * `-`), never free text, so that two different lists of parts never make the same key.
 */
export function partitionKey(kind: PartitionKind, ...parts: readonly string[]): string {
  return `${[partitionPrefix[kind], ...parts].join('#')}#`;
}

/** The `dynamodb:LeadingKeys` pattern that admits exactly the partitions of this kind. */
export function leadingKeyPattern(kind: PartitionKind): string {
  return `${partitionPrefix[kind]}#*`;
}
