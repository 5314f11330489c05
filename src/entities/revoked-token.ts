/** A token revoked on its own (RFC 7009), kept until it would have expired. */
export interface RevokedToken {
  readonly tenant: string;
  /** The token's `jti`. */
  readonly tokenId: string;
  /** The token's `exp`: seconds since the epoch. */
  readonly expiresAt: number;
}

/** Keeps revoked tokens; who reads them reads all that a token's life hangs on at once (`LivenessReader`). */
export interface RevokedTokenStore {
  /** Revoking twice is revoking once. */
  revoke(token: RevokedToken): Promise<void>;
}
