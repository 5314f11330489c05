import type { Holdings } from '../../entities/holdings.ts';
import type { Integration } from '../../entities/integration.ts';
import type { Form } from '../form.ts';
import type { IdentityScope } from '../scope.ts';

/** RFC 6749 §3.1.1, OIDC Core §3.2.2.1; the values of the implicit flow in one order. */
export type ResponseType = 'code' | 'token' | 'id_token' | 'id_token token';

/** OAuth 2.0 Multiple Response Types §2.1, OAuth 2.0 Form Post Response Mode. */
export type ResponseMode = 'query' | 'fragment' | 'form_post';

/** OIDC Core §3.1.2.1. */
export type Prompt = 'none' | 'login' | 'consent' | 'select_account';

/** What is asked for, or given, of scopes, rights and APIs. */
export interface RightsInQuestion {
  readonly scopes: readonly IdentityScope[];
  readonly rights: Holdings;
  /** Base URLs that `resource` selected (RFC 8707); empty: the APIs of the rights. */
  readonly resources: readonly string[];
}

/** Where an answer goes, and how: a client and a redirect URI that are known to belong together. */
export interface Recipient {
  /** RFC 9207: each answer names it. */
  readonly issuer: string;
  /** As the request gave it, to the letter. */
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  /** To the letter. */
  readonly state?: string | undefined;
}

/** An authorization request that passed every check which needs no user. */
export interface AuthorizationRequest {
  readonly integration: Integration;
  readonly recipient: Recipient;
  readonly responseType: ResponseType;
  /** RFC 7636 §4.2, method S256; absent in the implicit flow. */
  readonly codeChallenge?: string | undefined;
  readonly nonce?: string | undefined;
  readonly prompt: readonly Prompt[];
  /** Seconds since the user last proved to be there (OIDC Core §3.1.2.1). */
  readonly maxAgeSeconds?: number | undefined;
  /** What the user may have called themself at the client, to fill a field with; nothing is concluded from it. */
  readonly loginHint?: string | undefined;
  /** The user that `id_token_hint` names: nobody else will do. */
  readonly hintedUserId?: string | undefined;
  /** Asked for, and held by the integration. */
  readonly asked: RightsInQuestion;
  /** RFC 7638 thumbprint of the key that its tokens are to be bound to (RFC 9449 §10). */
  readonly keyThumbprint?: string | undefined;
}

/**
 * How parameters came: in the request of a browser, pushed by the client (RFC 9126), or kept by an interaction since an
 * earlier request of the browser, which passed every check then.
 */
export type Arrival = 'direct' | 'pushed' | 'resumed';

/** The parameters of a request, and how they came. */
export interface ReceivedRequest {
  readonly form: Form;
  readonly arrival: Arrival;
}

/** What the deployment decides about authorization requests. */
export interface AuthorizationSettings {
  readonly issuer: string;
  /** Of an access token. */
  readonly tokenLifetimeSeconds: number;
  /** Of a family, however often it is refreshed. */
  readonly refreshTokenLifetimeSeconds: number;
  /** The legacy grant types that the stage names. */
  readonly legacyGrants: readonly string[];
  /** Whether tokens bound to a key are issued (RFC 9449). */
  readonly dpop: boolean;
}

/** What a check reads: one request of a client that is known. */
export interface CheckedRequest {
  readonly form: Form;
  readonly integration: Integration;
  readonly settings: AuthorizationSettings;
}
