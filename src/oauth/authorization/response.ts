import type { RedirectableError } from './refusals.ts';
import type { Recipient } from './request.ts';

/** How the browser brings the answer to the client. */
export type AuthorizationResponse =
  | { readonly kind: 'redirect'; readonly location: string }
  /** A page whose form posts itself (OAuth 2.0 Form Post Response Mode §2). */
  | { readonly kind: 'form-post'; readonly action: string; readonly fields: Readonly<Record<string, string>> };

/**
 * Answers a client by way of the browser, in the mode it asked for (RFC 6749 §4.1.2, §4.2.2); `state` to the letter, and
 * `iss`, so that it cannot take this server's answer for another's (RFC 9207 §2). A query that the redirect URI has
 * stays as it is.
 */
export function responseOf(
  { redirectUri, responseMode, state, issuer }: Recipient,
  parameters: Readonly<Record<string, string>>,
): AuthorizationResponse {
  const fields = { ...parameters, ...(state !== undefined && { state }), iss: issuer };
  if (responseMode === 'form_post') return { kind: 'form-post', action: redirectUri, fields };
  const encoded = new URLSearchParams(fields).toString();
  return { kind: 'redirect', location: redirectUri + separator(redirectUri, responseMode) + encoded };
}

function separator(redirectUri: string, responseMode: 'query' | 'fragment'): string {
  if (responseMode === 'fragment') return '#';
  if (!redirectUri.includes('?')) return '?';
  return /[?&]$/.test(redirectUri) ? '' : '&';
}

/** Tells the client of an error (RFC 6749 §4.1.2.1). */
export function refusalOf({ error, recipient }: RedirectableError): AuthorizationResponse {
  return responseOf(recipient, { error: error.code, error_description: error.description });
}
