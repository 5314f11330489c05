/**
 * The OAuth errors this server answers with, one class each. `code` and `description` are what the client reads
 * (RFC 6749 §5.2), fixed texts both; what the constructor is given is the reason, which goes to the log alone.
 */
export abstract class OAuthError extends Error {
  /** From the IANA registry of OAuth extensions errors. */
  abstract readonly code: string;
  abstract readonly status: number;
  /** Public text in the characters of RFC 6749 §5.2: printable ASCII without `"` and `\`. */
  abstract readonly description: string;
  /** Headers that go with the answer. */
  readonly headers: Readonly<Record<string, string>> = {};
}

/** RFC 6749 §5.2. */
export class InvalidRequest extends OAuthError {
  readonly code = 'invalid_request';
  readonly status: number = 400;
  readonly description: string = 'The request is malformed, lacks a parameter or repeats one.';
}

/** {@link InvalidRequest} for a body that nobody reads to its end. */
export class BodyTooLarge extends InvalidRequest {
  override readonly status = 413;
  override readonly description = 'The request is too large.';
}

/**
 * RFC 6749 §5.2; one text for unknown, wrong, expired, disabled and deleted, so that it tells nothing of a client. A
 * client that tried an `Authorization` header is told the scheme that is understood.
 */
export class InvalidClient extends OAuthError {
  readonly code = 'invalid_client';
  readonly status = 401;
  readonly description = 'Client authentication failed.';
  override readonly headers: Readonly<Record<string, string>>;
  constructor(reason: string, request: { readonly authorization?: string | undefined }) {
    super(reason);
    this.headers = request.authorization === undefined ? {} : { 'WWW-Authenticate': 'Basic realm="latchkey"' };
  }
}

/**
 * RFC 6749 §5.2; one text for a code, a refresh token, or whatever else a grant begins with, that is unknown, another
 * client's, over, used before or bound to something that the request does not bring.
 */
export class InvalidGrant extends OAuthError {
  readonly code = 'invalid_grant';
  readonly status = 400;
  readonly description = 'What the token was asked for with is not valid, or not valid any more.';
}

/** RFC 6749 §5.2: the grant type exists but is not this client's. */
export class UnauthorizedClient extends OAuthError {
  readonly code = 'unauthorized_client';
  readonly status = 400;
  readonly description = 'The client may not use this grant type.';
}

/** RFC 6749 §5.2. */
export class UnsupportedGrantType extends OAuthError {
  readonly code = 'unsupported_grant_type';
  readonly status = 400;
  readonly description = 'The grant type is not supported.';
}

/** RFC 6749 §5.2. */
export class InvalidScope extends OAuthError {
  readonly code = 'invalid_scope';
  readonly status = 400;
  readonly description: string = 'The scope is malformed or names what the client does not hold.';
}

/** {@link InvalidScope} where what is asked for is held in more projects than a token carries. */
export class TooManyProjects extends InvalidScope {
  override readonly description =
    'More projects are asked for than a token carries: name some of them in authorization_details (RFC 9396).';
}

/** RFC 8628 §3.5: nobody has decided yet. */
export class AuthorizationPending extends OAuthError {
  readonly code = 'authorization_pending';
  readonly status = 400;
  readonly description = 'The user has not decided yet.';
}

/** RFC 8628 §3.5: as {@link AuthorizationPending}, to a client that asks too often. */
export class SlowDown extends OAuthError {
  readonly code = 'slow_down';
  readonly status = 400;
  readonly description = 'The user has not decided yet; wait five seconds longer between requests.';
}

/** RFC 8628 §3.5. */
export class ExpiredToken extends OAuthError {
  readonly code = 'expired_token';
  readonly status = 400;
  readonly description = 'The device code has expired.';
}

/** RFC 8707 §2. */
export class InvalidTarget extends OAuthError {
  readonly code = 'invalid_target';
  readonly status = 400;
  readonly description = 'The resource is unknown, or the client holds no right there.';
}

/** RFC 9396 §5. */
export class InvalidAuthorizationDetails extends OAuthError {
  readonly code = 'invalid_authorization_details';
  readonly status = 400;
  readonly description = 'The authorization_details are malformed or name what the client does not hold.';
}

/** RFC 6749 §4.1.2.1: somebody, the user most of all, said no. */
export class AccessDenied extends OAuthError {
  readonly code = 'access_denied';
  readonly status = 400;
  readonly description = 'The user or the authorization server denied the request.';
}

/** RFC 6749 §4.1.2.1. */
export class UnsupportedResponseType extends OAuthError {
  readonly code = 'unsupported_response_type';
  readonly status = 400;
  readonly description = 'The response type is not supported.';
}

/** OIDC Core §3.1.2.6. */
export class LoginRequired extends OAuthError {
  readonly code = 'login_required';
  readonly status = 400;
  readonly description = 'The user has to sign in.';
}

/** OIDC Core §3.1.2.6. */
export class InteractionRequired extends OAuthError {
  readonly code = 'interaction_required';
  readonly status = 400;
  readonly description = 'The user has to be asked something.';
}

/** OIDC Core §3.1.2.6. */
export class ConsentRequired extends OAuthError {
  readonly code = 'consent_required';
  readonly status = 400;
  readonly description = 'The user has to be asked for consent.';
}

/** OIDC Core §3.1.2.6: request objects by value (RFC 9101 §5.1). */
export class RequestNotSupported extends OAuthError {
  readonly code = 'request_not_supported';
  readonly status = 400;
  readonly description = 'The parameter request is not supported.';
}

/** OIDC Core §3.1.2.6: request objects by reference, save those that were pushed here (RFC 9126). */
export class RequestUriNotSupported extends OAuthError {
  readonly code = 'request_uri_not_supported';
  readonly status = 400;
  readonly description = 'The parameter request_uri is supported for pushed requests alone.';
}

/** RFC 9101 §6.2, RFC 9126 §4: unknown, used, expired, or pushed by another client. */
export class InvalidRequestUri extends OAuthError {
  readonly code = 'invalid_request_uri';
  readonly status = 400;
  readonly description = 'The request_uri is unknown, expired or used.';
}

/** OIDC Core §3.1.2.6. */
export class RegistrationNotSupported extends OAuthError {
  readonly code = 'registration_not_supported';
  readonly status = 400;
  readonly description = 'The parameter registration is not supported.';
}

/** RFC 9449 §5. */
export class InvalidDpopProof extends OAuthError {
  readonly code = 'invalid_dpop_proof';
  readonly status = 400;
  readonly description = 'The DPoP proof is missing, malformed, of another request, or was used before.';
}

/** RFC 9449 §8: the same request again, with this nonce in its proof. */
export class UseDpopNonce extends OAuthError {
  readonly code = 'use_dpop_nonce';
  readonly status = 400;
  readonly description = 'The DPoP proof needs the nonce of the DPoP-Nonce header.';
  override readonly headers: Readonly<Record<string, string>>;
  constructor(reason: string, nonce: string) {
    super(reason);
    this.headers = { 'DPoP-Nonce': nonce };
  }
}

/**
 * RFC 6750 §3.1; one text for a token that does not verify, is dead, or is not for here. A request without one is told
 * the schemes and no error.
 */
export class InvalidToken extends OAuthError {
  readonly code = 'invalid_token';
  readonly status = 401;
  readonly description = 'A valid access token is needed.';
  override readonly headers: Readonly<Record<string, string>>;
  constructor(reason: string, challenge: string) {
    super(reason);
    this.headers = { 'WWW-Authenticate': challenge };
  }
}

/** RFC 6750 §3.1: a token that is in order and not enough. */
export class InsufficientScope extends OAuthError {
  readonly code = 'insufficient_scope';
  readonly status = 403;
  readonly description = 'The access token does not have the scope that is needed.';
  override readonly headers: Readonly<Record<string, string>>;
  constructor(reason: string, scope: string) {
    super(reason);
    this.headers = { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"` };
  }
}
