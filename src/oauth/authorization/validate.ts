import type { Deployment, DeploymentReader } from '../../entities/deployment.ts';
import type { Integration, IntegrationReader } from '../../entities/integration.ts';
import { OAuthError } from '../errors.ts';
import type { Form } from '../form.ts';
import { knownClient } from './checks/client.ts';
import { requiredCodeChallenge } from './checks/code-challenge.ts';
import { hintedUser } from './checks/id-token-hint.ts';
import { requestedKeyThumbprint } from './checks/key-binding.ts';
import { canComeBack, limitLengths } from './checks/lengths.ts';
import { requestedMaxAge } from './checks/max-age.ts';
import { requestedNonce } from './checks/nonce.ts';
import { requestedPrompt } from './checks/prompt.ts';
import { requirePushed } from './checks/pushed.ts';
import { registeredRedirectUri } from './checks/redirect-uri.ts';
import { refuseRequestObject } from './checks/request-object.ts';
import { requestedResponseMode } from './checks/response-mode.ts';
import { requestedResponseType } from './checks/response-type.ts';
import { requestedRights } from './checks/rights.ts';
import { RedirectableError, UnsafeAuthorizationRequest } from './refusals.ts';
import type {
  AuthorizationRequest,
  AuthorizationSettings,
  CheckedRequest,
  ReceivedRequest,
  Recipient,
} from './request.ts';

/** What authorization requests are checked against. */
export interface ValidationPorts {
  readonly integrations: IntegrationReader;
  readonly deployment: DeploymentReader;
}

/**
 * Every check of an authorization request that needs no user, in order (RFC 6749 §4.1.1, OIDC Core §3.1.2.2). Until the
 * client and its redirect URI are known to belong together, nothing is sent anywhere.
 *
 * @throws UnsafeAuthorizationRequest to be shown to the user
 * @throws RedirectableError to be answered to the client
 * @throws DependencyUnavailable
 */
export async function validateAuthorizationRequest(
  received: ReceivedRequest,
  settings: AuthorizationSettings,
  ports: ValidationPorts,
): Promise<AuthorizationRequest> {
  const { integration, redirectUri } = await trustedAddress(received.form, ports);
  const deployment = await ports.deployment.current();
  try {
    return await checked({ form: received.form, integration, settings }, received, redirectUri, deployment);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    throw new RedirectableError(error, refusalRecipient(received.form, redirectUri, settings));
  }
}

interface TrustedAddress {
  readonly integration: Integration;
  readonly redirectUri: string;
}

async function trustedAddress(form: Form, { integrations }: ValidationPorts): Promise<TrustedAddress> {
  try {
    const integration = await knownClient(form, integrations);
    return { integration, redirectUri: registeredRedirectUri(form, integration) };
  } catch (error) {
    throw error instanceof OAuthError ? new UnsafeAuthorizationRequest(error) : error;
  }
}

async function checked(
  request: CheckedRequest,
  { arrival }: ReceivedRequest,
  redirectUri: string,
  { apis, keys }: Deployment,
): Promise<AuthorizationRequest> {
  refuseRequestObject(request);
  requirePushed(request, arrival);
  limitLengths(request);
  const responseType = requestedResponseType(request);
  const responseMode = requestedResponseMode(request, responseType, redirectUri);
  const codeChallenge = requiredCodeChallenge(request, responseType);
  const prompt = requestedPrompt(request);
  const maxAgeSeconds = requestedMaxAge(request);
  const keyThumbprint = requestedKeyThumbprint(request);
  const asked = requestedRights(request, responseType, apis);
  const nonce = requestedNonce(request, responseType, asked.scopes);
  const { form, integration, settings } = request;
  return {
    integration,
    recipient: { issuer: settings.issuer, redirectUri, responseMode, state: form.get('state') },
    responseType,
    codeChallenge,
    nonce,
    prompt,
    maxAgeSeconds,
    loginHint: form.get('login_hint'),
    hintedUserId: await hintedUser(request, keys),
    asked,
    keyThumbprint,
  };
}

/** Where a request goes back to that did not pass: in the mode it asked for, as far as that can be told. */
function refusalRecipient(form: Form, redirectUri: string, { issuer }: AuthorizationSettings): Recipient {
  const state = form.get('state');
  const asksForTokens = form.get('response_type')?.includes('token') ?? false;
  const mode = form.get('response_mode');
  const isPosted = mode === 'form_post' && /^https?:/.test(redirectUri);
  return {
    issuer,
    redirectUri,
    // What asks for tokens reads its answer from the fragment, whatever mode it named.
    responseMode: isPosted ? 'form_post' : asksForTokens || mode === 'fragment' ? 'fragment' : 'query',
    state: canComeBack(state) ? state : undefined,
  };
}
