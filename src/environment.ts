/**
 * Names of the environment variables that constructs set and functions read: each is written here once. A construct
 * that grants a permission sets the variable with it; `functions/shared/services.ts` alone reads them.
 */
export const environment = {
  /** Name of the one DynamoDB table. */
  tableName: 'LATCHKEY_TABLE_NAME',
  /** The issuer identifier, `https://…/auth` (RFC 8414 §2). */
  issuer: 'LATCHKEY_ISSUER',
  /** Base URL of the admin API, ending in `/admin/v1`: its audience. */
  adminUrl: 'LATCHKEY_ADMIN_URL',
  /** Base URL of the reference resource API, ending in `/api/v1`: its audience. */
  apiUrl: 'LATCHKEY_API_URL',
  /** What an authorizer expects in `aud`: the base URL of the API it protects. */
  audience: 'LATCHKEY_AUDIENCE',
  /** ARN of the symmetric KMS key that protects client secrets. */
  secretKeyArn: 'LATCHKEY_SECRET_KEY_ARN',
  /** JSON, for the bootstrap and the daily function: the declared signing keys, `[{"name","algorithm","keyArn","state"}]`. */
  signingKeys: 'LATCHKEY_SIGNING_KEYS',
  /** JSON: ARNs of the keys that requests to apps' endpoints are signed with; the first of them signs. */
  webhookKeys: 'LATCHKEY_WEBHOOK_KEYS',
  /** The algorithm that access tokens are signed with. */
  signingAlgorithm: 'LATCHKEY_SIGNING_ALGORITHM',
  /** Lifetime of an access token in seconds. */
  tokenLifetimeSeconds: 'LATCHKEY_TOKEN_LIFETIME_SECONDS',
  /** Lifetime of a refresh token's family in seconds, however often it is used. */
  refreshTokenLifetimeSeconds: 'LATCHKEY_REFRESH_TOKEN_LIFETIME_SECONDS',
  /** Seconds without use after which a refresh token is over. */
  refreshTokenIdleSeconds: 'LATCHKEY_REFRESH_TOKEN_IDLE_SECONDS',
  /** Lifetime of a session in seconds. */
  sessionLifetimeSeconds: 'LATCHKEY_SESSION_LIFETIME_SECONDS',
  /** How long audit events are kept, in days; set for the functions that write any. */
  auditRetentionDays: 'LATCHKEY_AUDIT_RETENTION_DAYS',
  /** Seconds within which a token that is out feels a change; for the function that removes what a tenant left. */
  revocationBoundSeconds: 'LATCHKEY_REVOCATION_BOUND_SECONDS',
  /** The legacy grant types that are offered, separated by commas; not set where none is. */
  legacyGrants: 'LATCHKEY_LEGACY_GRANTS',
  /** `on` where tokens bound to a key are issued and accepted (RFC 9449). */
  dpop: 'LATCHKEY_DPOP',
  /** `on` where addresses of this machine may be fetched: a local run alone. */
  loopbackFetch: 'LATCHKEY_LOOPBACK_FETCH',
  /** `on` or `off`: whether administrators may read client secrets again. */
  secretRetrieval: 'LATCHKEY_SECRET_RETRIEVAL',
  /** What the names of our client secrets at identity providers begin with. */
  upstreamSecretPrefix: 'LATCHKEY_UPSTREAM_SECRET_PREFIX',
  /** ARN of the Secrets Manager secret with the bootstrap administrator's credentials. */
  bootstrapSecretArn: 'LATCHKEY_BOOTSTRAP_SECRET_ARN',
  /** ARN of the secret with the credentials in whose name a workload's integration is looked after. */
  managerSecretArn: 'LATCHKEY_MANAGER_SECRET_ARN',
  /** ARN of the secret in which a workload finds its credentials. */
  credentialsSecretArn: 'LATCHKEY_CREDENTIALS_SECRET_ARN',
  /** How long a workload's secret stays good beside its successor, in seconds. */
  overlapSeconds: 'LATCHKEY_OVERLAP_SECONDS',
  /** JSON, for the bootstrap: base URLs of the team's own APIs by the name that the rights catalogue gives them. */
  resourceServers: 'LATCHKEY_RESOURCE_SERVERS',
  /** The origin that `/admin` and `/api` answer across origins, or `*`; not set where none is. */
  corsOrigin: 'LATCHKEY_CORS_ORIGIN',
  /** The name under which a function writes logs and metrics: its entry, or its authorizer's API. Powertools reads it. */
  service: 'POWERTOOLS_SERVICE_NAME',
} as const;

/** The function's name, which Lambda sets itself. */
export const functionNameVariable = 'AWS_LAMBDA_FUNCTION_NAME';

export type EnvironmentVariable = (typeof environment)[keyof typeof environment];

/** The identifier that an authorizer's bundle has its rows compiled in for: a literal of `RightsRow[]`. */
export const rightsRowsIdentifier = 'LATCHKEY_RIGHTS_ROWS';

/** The metrics that functions write in the embedded metric format, and that alarms and the dashboard read. */
export const metrics = {
  namespace: 'Latchkey',
  /** The one dimension: Lambda's name of the function that writes, which tells deployments of one account apart. */
  dimension: 'FunctionName',
  /** Requests that an authorizer refused, for whatever reason; a count. */
  refusedTokens: 'RefusedTokens',
  /** Requests on which an authorizer could not decide; a count. */
  authorizerFailures: 'AuthorizerFailures',
  /** Uses of personal access tokens, of clients' credentials and of SSH keys that could not be noted; a count. */
  unnotedUses: 'UnnotedUses',
  /** Endpoints that were paused because they could not be told of anything for a day; a count. */
  pausedEndpoints: 'PausedEndpoints',
  /** Events of the table's stream that this version cannot read, and that nobody was told of; a count. */
  unreadableEvents: 'UnreadableEvents',
  /** How many signing keys are active, written by the daily function; a count. */
  activeSigningKeys: 'ActiveSigningKeys',
} as const;
