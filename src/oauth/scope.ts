import { InvalidScope } from './errors.ts';

/** RFC 6749 §3.3: printable ASCII without space, `"` and `\`. */
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * The values of a `scope` parameter, each once, in the order of the request (RFC 6749 §3.3).
 *
 * @throws InvalidScope where the text is no list of scope tokens with single spaces between them
 */
export function parseScope(scope: string): readonly string[] {
  const values = scope.split(' ');
  if (!values.every((value) => scopeToken.test(value))) throw new InvalidScope('malformed');
  return [...new Set(values)];
}

/** Scopes that are no rights: who the user is, and for how long (OIDC Core §5.4 and §11). */
export const identityScopes = ['openid', 'profile', 'email', 'offline_access'] as const;

export type IdentityScope = (typeof identityScopes)[number];

/**
 * Which of {@link identityScopes} mean something among the values of a scope: `profile` and `email` nothing without
 * `openid`, nor `offline_access` to who is given no refresh token.
 */
export function meaningfulScopes(values: readonly string[], refreshes: boolean): readonly IdentityScope[] {
  return identityScopes.filter(
    (scope) => values.includes(scope) && (scope === 'offline_access' ? refreshes : values.includes('openid')),
  );
}

/** Whether a scope value is one of {@link identityScopes}. */
export function isIdentityScope(value: string): boolean {
  return identityScopes.some((scope) => scope === value);
}
