import type { RandomBytes } from './entities/identifiers.ts';

/** Time and randomness come in through these, so that a test can name both. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export type { RandomBytes };

/** A random UUID (RFC 9562 §5.4), 122 bits: for ids that name something and open nothing. */
export type RandomUuid = () => string;

/** Waits for a random time of at most so many milliseconds, so that those who raced do not meet again. */
export type Pause = (atMostMilliseconds: number) => Promise<void>;

/** Signs what {@link JwtSigner.sign} is given with the deployment's active key; one call of KMS in production. */
export interface JwtSigner {
  /**
   * @param header members of the JOSE header besides `alg` and `kid`
   * @param claims the claims set
   * @returns the compact serialization (RFC 7515 §7.1)
   * @throws DependencyUnavailable where KMS does not answer
   */
  sign(header: Readonly<Record<string, unknown>>, claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** The most that it can sign, header and claims as they are encoded, in bytes; absent: more than any token is. */
  readonly limit?: number | undefined;
}

/** Whose secret it is: a ciphertext opens for nobody else. */
export type SecretContext =
  | { readonly tenant: string; readonly clientId: string }
  | { readonly tenant: string; readonly userId: string };

/** Keeps secrets that can be read again, encrypted and bound to their tenant and client, or tenant and user. */
export interface SecretProtector {
  encrypt(plaintext: string, context: SecretContext): Promise<Uint8Array>;
  decrypt(ciphertext: Uint8Array, context: SecretContext): Promise<string>;
}

/** A part of the Fetch API's `RequestInit`. */
export interface GuardedRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: URLSearchParams | string | null | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * Fetches a URL that a tenant gave: only what may be reached from outside, following no redirect, bounded in size and
 * time.
 *
 * @throws FetchFailed
 */
export type GuardedFetch = (target: string, init?: GuardedRequest) => Promise<Response>;
