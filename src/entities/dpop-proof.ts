/** Remembers DPoP proofs, so that each is accepted once (RFC 9449 §11.1). */
export interface DpopProofStore {
  /**
   * Uses up a proof in one conditional write: of any number of calls at once, one wins.
   *
   * @param expiresAt seconds since the epoch, after which the proof would not be accepted anyway
   * @returns whether it had not been used before
   * @throws DependencyUnavailable
   */
  useOnce(
    proof: { readonly tenant: string; readonly thumbprint: string; readonly jti: string },
    expiresAt: number,
  ): Promise<boolean>;
}
