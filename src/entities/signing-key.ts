/** The signature algorithms of access tokens (RFC 7518 §3.1, RFC 8037 §3.1). */
export const signingAlgorithms = ['RS256', 'ES256', 'EdDSA'] as const;

export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** What ID tokens are signed with, whatever access tokens are: every client verifies it (OIDC Discovery §3). */
export const idTokenAlgorithm: SigningAlgorithm = 'RS256';

/** @throws Error where the text names none */
export function parseSigningAlgorithm(text: string): SigningAlgorithm {
  const algorithm = signingAlgorithms.find((name) => name === text);
  if (algorithm === undefined) throw new Error(`${text} is no signing algorithm`);
  return algorithm;
}

/**
 * `next`: published, not yet used. `active`: signs. `retiring`: signs no more, its tokens may live. `retired`: no live
 * token can be its. `revoked`: compromised; refused at once.
 */
export type SigningKeyState = 'next' | 'active' | 'retiring' | 'retired' | 'revoked';

/** One row per signing key of the deployment. */
export interface SigningKey {
  /** The RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  /** The name under which `lib/stage.ts` declares it. */
  readonly name: string;
  readonly algorithm: SigningAlgorithm;
  /** The KMS key that signs. */
  readonly keyArn: string;
  readonly publicJwk: Readonly<Record<string, string>>;
  readonly state: SigningKeyState;
  /** When the state was entered; ISO 8601. */
  readonly since: string;
}

/** Reads the rows; one strongly consistent query brings all. */
export interface SigningKeyReader {
  list(): Promise<readonly SigningKey[]>;
}

/** The keys that a JWKS publishes: those that may have signed a live token, and the next one (RFC 7517 §5). */
export function isPublished(key: Pick<SigningKey, 'state'>): boolean {
  return key.state === 'next' || key.state === 'active' || key.state === 'retiring';
}

/** Whether a token signed by the key may be accepted. */
export function isTrusted(key: Pick<SigningKey, 'state'>): boolean {
  return key.state === 'active' || key.state === 'retiring';
}
