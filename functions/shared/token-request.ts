import { deviceCodeGrant } from '../../src/entities/grant-type.ts';
import type { Integration } from '../../src/entities/integration.ts';

/** One field of the form, as a shell hands it to curl. */
const field = (name: string, value: string) => `-d '${name}=${value}'`;

/** What a client adds to its request to authenticate, a placeholder where its secret or assertion goes. */
function authenticationOf({ clientId, tokenEndpointAuthMethod }: Integration): string {
  if (tokenEndpointAuthMethod === 'client_secret_basic') return `-u '${clientId}:<client_secret>'`;
  if (tokenEndpointAuthMethod === 'none') return `-d client_id=${clientId}`;
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return `-d client_assertion_type=${type} ${field('client_assertion', '<client_assertion>')}`;
}

/** A URI as a form carries it; the quote besides, which would end a shell's word. */
const formEncoded = (uri: string) => encodeURIComponent(uri).replaceAll("'", '%27');

/** The parameters of each grant type that tokens begin with, placeholders for what only its user or browser brings. */
const parametersOf: Readonly<Record<string, (integration: Integration) => readonly string[]>> = {
  client_credentials: () => [],
  authorization_code: ({ redirectUris: [redirectUri = ''] }) => [
    field('code', '<code>'),
    field('redirect_uri', formEncoded(redirectUri)),
    field('code_verifier', '<code_verifier>'),
  ],
  [deviceCodeGrant]: () => [field('device_code', '<device_code>')],
  password: () => [field('username', '<username>'), field('password', '<password>')],
};

/**
 * The request of a token as a command ready to paste, of the first of the integration's grant types that the token
 * endpoint begins with; undefined where there is none. Identifiers and secrets need no escaping in a shell, a form or a
 * URL.
 */
export function curlOf(integration: Integration, issuer: string): string | undefined {
  const grantType = Object.keys(parametersOf).find((each) => integration.grantTypes.includes(each));
  if (grantType === undefined) return undefined;
  return [
    `curl -X POST '${issuer}/oauth2/token' -d grant_type=${grantType}`,
    ...(parametersOf[grantType]?.(integration) ?? []),
    authenticationOf(integration),
    ...(integration.dpopBoundAccessTokens ? ["-H 'DPoP: <proof>'"] : []),
  ].join(' ');
}
