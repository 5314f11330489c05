/**
 * What the authorization server's endpoints take, which parse their parameters by their own rules, for the description
 * of the API. The specifications say what each is; here is said what it means at this server.
 */

type Schema = { readonly [member: string]: unknown };

/** Parameters of one operation: in its body, or, of a GET, in its query. */
export interface Form {
  readonly required: readonly string[];
  readonly descriptions: Readonly<Record<string, string>>;
  /** Whether the client authenticates, in a header or with parameters of the form. */
  readonly authenticatesClient?: true;
}

/** How a client authenticates in the body (RFC 6749 §2.3.1, RFC 7521 §4.2), where it does not in a header. */
const clientParameters: Readonly<Record<string, string>> = {
  client_id:
    'The client, with client_secret or alone where it is public; beside other credentials it must agree with them',
  client_secret: 'client_secret_post',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer, with private_key_jwt',
  client_assertion: 'private_key_jwt: the signed JWT (RFC 7523)',
};

const rightsParameters: Readonly<Record<string, string>> = {
  scope: 'Rights, and openid, profile, email, offline_access where a user signs in, separated by spaces',
  resource: 'The base URL of an API (RFC 8707); repeatable',
  authorization_details: 'JSON (RFC 9396): rights narrowed to projects',
};

/** RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1, RFC 7636 §4.3. */
const authorizationParameters: Readonly<Record<string, string>> = {
  response_type: 'code; where the deployment offers implicit, token, id_token and id_token token besides',
  redirect_uri: 'One of the redirect URIs of the integration',
  code_challenge: 'Of the code verifier (RFC 7636)',
  code_challenge_method: 'S256',
  ...rightsParameters,
  state: 'Comes back in the answer',
  nonce: 'Comes back in the ID token',
  response_mode: 'query, fragment or form_post',
  prompt: 'none, login, consent or select_account',
  max_age: 'Seconds since the user signed in, at most',
  login_hint: 'A username to begin with',
  id_token_hint: 'An ID token of the user who is meant',
  dpop_jkt: 'The thumbprint of the key that the tokens will be bound to (RFC 9449 §10)',
};

const authorization: Form = {
  required: ['client_id'],
  descriptions: {
    client_id: 'The client',
    ...authorizationParameters,
    request_uri: 'In place of all the others: what was pushed (RFC 9126)',
  },
};

/** OpenID Connect RP-Initiated Logout §2. */
const logout: Form = {
  required: [],
  descriptions: {
    id_token_hint: 'An ID token of the session that is meant',
    client_id: 'The client, where no ID token says it',
    post_logout_redirect_uri: 'One of those of the integration',
    state: 'Comes back in the answer',
  },
};

const presentedToken: Form = {
  required: ['token'],
  descriptions: {
    token: 'The access or refresh token',
    token_type_hint: 'Taken, and without effect',
    ...clientParameters,
  },
  authenticatesClient: true,
};

/** By operation. */
export const forms: Readonly<Record<string, Form>> = {
  authorize: authorization,
  authorizePost: authorization,
  token: {
    required: ['grant_type'],
    descriptions: {
      grant_type: 'A grant type of the metadata, for example client_credentials',
      ...rightsParameters,
      code: 'With authorization_code',
      redirect_uri: 'With authorization_code, as in the authorization request',
      code_verifier: 'With authorization_code (RFC 7636 §4.5)',
      refresh_token: 'With refresh_token',
      device_code: 'With urn:ietf:params:oauth:grant-type:device_code',
      username: 'With password, where the deployment offers it',
      password: 'With password',
      ...clientParameters,
    },
    authenticatesClient: true,
  },
  pushAuthorizationRequest: {
    required: ['response_type', 'redirect_uri', 'code_challenge', 'code_challenge_method'],
    descriptions: { ...authorizationParameters, ...clientParameters },
    authenticatesClient: true,
  },
  deviceAuthorization: {
    required: [],
    descriptions: { ...rightsParameters, ...clientParameters },
    authenticatesClient: true,
  },
  logout,
  logoutPost: logout,
  userinfoByPost: {
    required: [],
    descriptions: { access_token: 'The access token, where no header holds it (RFC 6750 §2.2)' },
  },
  introspect: presentedToken,
  revoke: presentedToken,
};

/** What a page's own form sends besides its fields. */
const pageForm: Form = {
  required: ['csrf'],
  descriptions: { csrf: 'What the page was given for this browser and this form' },
};

/** What a POST of the authorization server sends that is no protocol's: the form of a page. */
export const formOf = (operation: string): Form => forms[operation] ?? pageForm;

/** A form as JSON Schema. */
export function formSchema({ required, descriptions }: Form): Schema {
  const properties = Object.entries(descriptions).map(([name, description]) => [name, { type: 'string', description }]);
  return { type: 'object', ...(required.length > 0 && { required }), properties: Object.fromEntries(properties) };
}
