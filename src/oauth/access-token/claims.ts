import type { RandomUuid } from '../../ports.ts';

/** One element of `authorization_details` (RFC 9396 §2): project-level rights in one project. */
export interface ProjectAuthorization {
  readonly type: 'project';
  /** The project's key. */
  readonly identifier: string;
  /** Names of rights. */
  readonly actions: readonly string[];
}

/** The claims of an access token (RFC 9068 §2.2, RFC 9396 §9.1), and some of this deployment's own. */
export interface AccessTokenClaims {
  readonly iss: string;
  /** The user, or, where none is involved, the same as `client_id`. */
  readonly sub: string;
  /** Base URLs of the APIs whose rights the token carries; a string where there is one. */
  readonly aud: string | readonly string[];
  readonly client_id: string;
  /** Seconds since the epoch. */
  readonly iat: number;
  /** Seconds since the epoch. */
  readonly exp: number;
  /** See {@link newTokenId}. */
  readonly jti: string;
  /**
   * Rights held in the global context, and `openid`, `profile`, `email`, `offline_access` where they were granted,
   * separated by spaces; absent where there are none.
   */
  readonly scope?: string;
  readonly authorization_details?: readonly ProjectAuthorization[];
  readonly tenant: string;
  /** The id of the secret or the `kid` of the registered key that obtained the token; `none` for a public client. */
  readonly cred: string;
  /** The token family that it descends from: always where it acts for a user, or came with a refresh token. */
  readonly fam?: string | undefined;
  /** The application whose connection its integration is. */
  readonly app?: string | undefined;
  /** The session that it ends with; absent in an offline family. */
  readonly sid?: string | undefined;
  /** RFC 7638 thumbprint of the key that it is bound to (RFC 9449 §6.1). */
  readonly cnf?: { readonly jkt: string } | undefined;
}

/** The `typ` header of an access token (RFC 9068 §2.1). */
export const accessTokenType = 'at+jwt';

/**
 * A token's id: `tok_`, the 32 digits of a random UUID, and the integration's token generation in base 36. The generation is in
 * the id so that `revoke-tokens`, which counts it up, kills every earlier token without a list of them and without a
 * clock that two machines would have to agree on.
 */
export function newTokenId(randomUuid: RandomUuid, generation: number): string {
  return `tok_${randomUuid().replaceAll('-', '')}_${generation.toString(36)}`;
}

const tokenIdPattern = /^tok_[0-9a-f]{32}_(0|[1-9a-z][0-9a-z]{0,9})$/;

/** The generation in a token's id, or undefined where the text is no such id. */
export function generationOf(tokenId: string): number | undefined {
  const generation = tokenIdPattern.exec(tokenId)?.[1];
  return generation === undefined ? undefined : Number.parseInt(generation, 36);
}
