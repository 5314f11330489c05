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
  /** The algorithm that access tokens are signed with. */
  signingAlgorithm: 'LATCHKEY_SIGNING_ALGORITHM',
  /** Lifetime of an access token in seconds. */
  tokenLifetimeSeconds: 'LATCHKEY_TOKEN_LIFETIME_SECONDS',
  /** `on` or `off`: whether administrators may read client secrets again. */
  secretRetrieval: 'LATCHKEY_SECRET_RETRIEVAL',
  /** ARN of the Secrets Manager secret with the bootstrap administrator's credentials. */
  bootstrapSecretArn: 'LATCHKEY_BOOTSTRAP_SECRET_ARN',
} as const;

export type EnvironmentVariable = (typeof environment)[keyof typeof environment];
