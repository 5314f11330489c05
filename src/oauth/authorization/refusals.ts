import type { OAuthError } from '../errors.ts';
import type { Recipient } from './request.ts';

/**
 * An authorization request whose client or redirect URI is not to be trusted: its browser is shown a page, and sent
 * nowhere (RFC 6749 §4.1.2.1).
 */
export class UnsafeAuthorizationRequest extends Error {
  override readonly name = 'UnsafeAuthorizationRequest';
  readonly error: OAuthError;
  constructor(error: OAuthError) {
    super(error.message);
    this.error = error;
  }
}

/** What the client is to be told by way of the browser (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6). */
export class RedirectableError extends Error {
  override readonly name = 'RedirectableError';
  readonly error: OAuthError;
  readonly recipient: Recipient;
  constructor(error: OAuthError, recipient: Recipient) {
    super(error.message);
    this.error = error;
    this.recipient = recipient;
  }
}
