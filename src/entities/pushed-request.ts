/** An authorization request that its client pushed (RFC 9126), until a browser brings it. */
export interface PushedRequest {
  readonly tenant: string;
  /** `req_…`, with the tenant's own part in it; the last part of the `request_uri`. */
  readonly id: string;
  /** The client that pushed it, and the only one it is there for. */
  readonly clientId: string;
  /** The parameters of the request, every value of each; none that authenticated the client. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface PushedRequestStore {
  create(request: PushedRequest): Promise<void>;
  get(tenant: string, id: string): Promise<PushedRequest | undefined>;
  /**
   * Uses it up, in one conditional write: of any number of calls at once, one wins.
   *
   * @returns whether it had not been used before
   */
  useOnce(request: PushedRequest): Promise<boolean>;
}
