/** Remembers client assertions, so that each is accepted once (RFC 7523 §3, item 7). */
export interface ClientAssertionStore {
  /**
   * Uses up an assertion in one conditional write: of any number of calls at once, one wins.
   *
   * @param expiresAt seconds since the epoch, after which the assertion would not be accepted anyway
   * @returns whether it had not been used before
   * @throws DependencyUnavailable
   */
  useOnce(
    assertion: { readonly tenant: string; readonly clientId: string; readonly jti: string },
    expiresAt: number,
  ): Promise<boolean>;
}
