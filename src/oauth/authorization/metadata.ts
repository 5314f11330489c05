import { endpointUrl } from '../endpoint-urls.ts';
import { codeChallengeMethods } from './checks/code-challenge.ts';
import { prompts } from './checks/prompt.ts';
import { responseModes } from './checks/response-mode.ts';
import { offeredResponseTypes } from './checks/response-type.ts';
import type { AuthorizationSettings } from './request.ts';

/**
 * What the server says of its authorization endpoint (RFC 8414 §2, OIDC Discovery §3, RFC 9126 §5, RFC 9207 §3). What
 * is not supported and would be taken to be where it is absent is named.
 */
export function authorizationMetadata(settings: Pick<AuthorizationSettings, 'issuer' | 'legacyGrants'>) {
  return {
    authorization_endpoint: endpointUrl(settings.issuer, 'authorize'),
    pushed_authorization_request_endpoint: endpointUrl(settings.issuer, 'pushAuthorizationRequest'),
    response_types_supported: offeredResponseTypes(settings),
    response_modes_supported: responseModes,
    code_challenge_methods_supported: codeChallengeMethods,
    prompt_values_supported: prompts,
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}
