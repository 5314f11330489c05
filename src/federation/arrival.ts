import {
  AuthorizationResponseError,
  authorizationCodeGrantRequest,
  type Client,
  ClientSecretBasic,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  getValidatedIdTokenClaims,
  type JsonObject,
  processAuthorizationCodeResponse,
  processUserInfoResponse,
  userInfoRequest,
  validateApplicationLevelSignature,
  validateAuthResponse,
} from 'oauth4webapi';
import { FetchFailed } from '../entities/fetch-failed.ts';
import type { IdentityProvider } from '../entities/identity-provider.ts';
import { authenticationAt, type Outside, type ProviderMetadata, requestOptions } from './metadata.ts';
import type { Refused } from './refusal.ts';

/** What binds an answer to the browser that asked, and to its question. */
export interface RequestBinding {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Somebody whom the provider vouches for. */
export interface Arrival {
  /** Who it is there (`sub`). */
  readonly subject: string;
  /** What it says of them: the ID token's claims, then those of its userinfo endpoint, as far as there is one. */
  claims(): Promise<readonly JsonObject[] | Refused>;
}

/**
 * Where the browser is sent (OIDC Core §3.1.2.1).
 *
 * @param anew whether they must sign in there again, whatever session the provider has
 */
export async function authorizationUrl(
  metadata: ProviderMetadata,
  { clientId }: Pick<IdentityProvider, 'clientId'>,
  redirectUri: string,
  { state, nonce, codeVerifier }: RequestBinding,
  anew: boolean,
): Promise<string> {
  const url = new URL(metadata.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    // With max_age the ID token says when that was; nobody goes by the request's word, which the browser carries.
    ...(anew && { prompt: 'login', max_age: '0' }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** What the code is exchanged with. */
export interface Exchange extends RequestBinding {
  readonly provider: Pick<IdentityProvider, 'clientId'>;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** How long ago they may have signed in there; absent where that does not matter. */
  readonly maxAgeSeconds?: number | undefined;
  /** The parameters that the browser brought back. */
  readonly parameters: URLSearchParams;
}

/**
 * Takes the provider's answer: state and `iss` (RFC 9207 §2.4), then the code for an ID token whose signature, `iss`,
 * `aud`, `azp`, `nonce`, `auth_time` and times are checked (OIDC Core §3.1.3.7).
 */
export async function arrival(
  metadata: ProviderMetadata,
  { provider, clientSecret, redirectUri, parameters, maxAgeSeconds, state, nonce, codeVerifier }: Exchange,
  outside: Outside,
  signal?: AbortSignal,
): Promise<Arrival | Refused> {
  const client: Client = { client_id: provider.clientId };
  const options = requestOptions(outside, signal);
  const authentication =
    authenticationAt(metadata) === 'client_secret_post'
      ? ClientSecretPost(clientSecret)
      : ClientSecretBasic(clientSecret);
  try {
    const answer = validateAuthResponse(metadata, client, parameters, state);
    const response = await authorizationCodeGrantRequest(
      metadata,
      client,
      authentication,
      answer,
      redirectUri,
      codeVerifier,
      options,
    );
    const tokens = await processAuthorizationCodeResponse(metadata, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
      ...(maxAgeSeconds !== undefined && { maxAge: maxAgeSeconds }),
    });
    await validateApplicationLevelSignature(metadata, response, options);
    const idToken = getValidatedIdTokenClaims(tokens);
    if (idToken === undefined || idToken.sub === '' || idToken.sub.length > 255)
      return { refused: 'not valid', reason: 'no subject' };
    return {
      subject: idToken.sub,
      async claims() {
        if (metadata.userinfo_endpoint === undefined) return [idToken];
        try {
          const said = await userInfoRequest(metadata, client, tokens.access_token, options);
          return [idToken, await processUserInfoResponse(metadata, client, idToken.sub, said)];
        } catch (error) {
          return refusalOf(error);
        }
      },
    };
  } catch (error) {
    return refusalOf(error);
  }
}

/** The library's messages are fixed texts; what the provider sent is not among them. */
function refusalOf(error: unknown): Refused {
  const reason = error instanceof Error ? error.message : undefined;
  if (error instanceof AuthorizationResponseError) return { refused: 'declined', reason };
  return { refused: error instanceof FetchFailed ? 'unavailable' : 'not valid', reason };
}
