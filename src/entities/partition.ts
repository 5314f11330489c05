/**
 * The kinds of partition of the one table. A function's role is written in these words (`dynamodb:LeadingKeys`), so
 * that the function of one endpoint cannot touch the partitions of another.
 */
export const partitionKinds = [
  'deployment',
  'cursor-key',
  'tenant',
  'integration',
  'integration-name',
  'user',
  'username',
  'email',
  'user-credentials',
  'password-link',
  'sign-in-attempts',
  'session',
  'interaction',
  'consent',
  'identity-provider',
  'federated-identity',
  'personal-access-token',
  'project',
  'issue',
  'audit-event',
  'revoked-token',
  'client-assertion',
  'pushed-request',
  'authorization-code',
  'device-authorization',
  'user-code',
  'token-family',
  'dpop-proof',
  'logout-delivery',
  'tenant-list',
  'tenant-deletion',
  'project-rights',
  'pending-authorization',
  'rights-removal',
  'application',
  'application-list',
  'app-offer',
  'app-connection',
  'application-connection',
  'endpoint',
  'outgoing-event',
  'delivery',
  'ssh-key',
  'credential-use',
] as const;

export type PartitionKind = (typeof partitionKinds)[number];

/** What an endpoint does to a partition: the actions that its role is granted, one by one. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem';

/** The actions on each kind of partition; `index` where the sparse index is queried instead of the table. */
export type Touches = Readonly<Partial<Record<PartitionKind, readonly (TableAction | 'QueryIndex')[]>>>;

/**
 * What an endpoint does with the deployment's KMS keys. Encrypting and decrypting client secrets is for reading them
 * again, and goes where the stage lets nobody do that; `protect-secret` and `protect-user-secret` are for what the
 * deployment itself needs again (refresh tokens' families; users' second factors), and stay; `open-secret`
 * and `open-user-secret` are the halves of these that make none. `sign-webhook` signs requests to apps' endpoints;
 * `read-webhook-keys` is for the public halves of the keys that do.
 */
export type KeyUse =
  | 'sign-token'
  | 'encrypt-secret'
  | 'decrypt-secret'
  | 'protect-secret'
  | 'protect-user-secret'
  | 'open-secret'
  | 'open-user-secret'
  | 'sign-webhook'
  | 'read-webhook-keys';
