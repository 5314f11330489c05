import type { DeploymentReader } from '../../entities/deployment.ts';
import type { DpopProofStore } from '../../entities/dpop-proof.ts';
import { newTenantBoundId, type RandomBytes, tenantOfBoundId, tenantOfClientId } from '../../entities/identifiers.ts';
import type { Integration } from '../../entities/integration.ts';
import type { PushedRequest, PushedRequestStore } from '../../entities/pushed-request.ts';
import type { Clock } from '../../ports.ts';
import { projectsNamedIn } from '../authorization-details.ts';
import { authenticateClient } from '../client-authentication/authenticate.ts';
import type { AuthenticationPorts } from '../client-authentication/method.ts';
import type { DpopProof } from '../dpop/proof.ts';
import { useProof, verifiedProof } from '../dpop/token-request.ts';
import { endpointUrl } from '../endpoint-urls.ts';
import { InvalidRequest, InvalidRequestUri } from '../errors.ts';
import { type Form, formOfValues, type ProtocolRequest, parseForm } from '../form.ts';
import { RedirectableError, UnsafeAuthorizationRequest } from './refusals.ts';
import type { AuthorizationSettings, ReceivedRequest } from './request.ts';
import { validateAuthorizationRequest } from './validate.ts';

/** RFC 9126 §2.2: what a `request_uri` of this server begins with. */
const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:';

/** For as long as a client needs to send its browser here. */
const pushedRequestLifetimeSeconds = 90;

/** Every parameter of an authorization request that is read; of a pushed one, or one that has to wait, no other is kept. */
const authorizationParameters = [
  'response_type',
  'redirect_uri',
  'scope',
  'state',
  'response_mode',
  'nonce',
  'prompt',
  'max_age',
  'login_hint',
  'id_token_hint',
  'code_challenge',
  'code_challenge_method',
  'resource',
  'authorization_details',
  'dpop_jkt',
  'request',
  'registration',
] as const;

/** What the endpoint works with. */
export interface PushPorts extends AuthenticationPorts {
  readonly randomBytes: RandomBytes;
  readonly deployment: DeploymentReader;
  readonly pushedRequests: Pick<PushedRequestStore, 'create'>;
  readonly proofs: DpopProofStore;
}

/** RFC 9126 §2.2. */
export interface PushAnswer {
  readonly request_uri: string;
  /** Seconds. */
  readonly expires_in: number;
}

/**
 * The pushed authorization request endpoint (RFC 9126 §2): the client proves who it is, the request passes every check
 * that needs no user, and is kept.
 *
 * @throws OAuthError, DependencyUnavailable
 */
export async function pushAuthorizationRequest(
  http: ProtocolRequest,
  settings: AuthorizationSettings,
  ports: PushPorts,
): Promise<PushAnswer> {
  const form = parseForm(http);
  const endpoint = { issuer: settings.issuer, url: endpointUrl(settings.issuer, 'pushAuthorizationRequest') };
  const projects = projectsNamedIn(form);
  const { integration } = await authenticateClient({ http, form, endpoint, projects }, ports);
  if (form.get('request_uri') !== undefined) throw new InvalidRequest('a request_uri was pushed');
  const proof = settings.dpop ? await verifiedProof(http.dpop ?? [], endpoint.url, ports.clock) : undefined;
  const request = pushedRequestOf(form, integration, proof, ports);
  await mustBeValid(request, integration, settings, ports);
  if (proof !== undefined) await useProof(proof, integration.tenant, ports);
  await ports.pushedRequests.create(request);
  return { request_uri: requestUriPrefix + request.id, expires_in: pushedRequestLifetimeSeconds };
}

/** RFC 9449 §10.1: a proof names the key that the code is bound to as `dpop_jkt` does, and must agree with it. */
function pushedRequestOf(
  form: Form,
  { tenant, clientId }: Integration,
  proof: DpopProof | undefined,
  { clock, randomBytes }: PushPorts,
): PushedRequest {
  const thumbprint = form.get('dpop_jkt');
  if (proof !== undefined && thumbprint !== undefined && proof.thumbprint !== thumbprint)
    throw new InvalidRequest('dpop_jkt is not the key of the proof');
  return {
    tenant,
    id: newTenantBoundId('req', tenant, randomBytes),
    clientId,
    parameters: {
      ...form.only(authorizationParameters).values(),
      client_id: [clientId],
      ...(proof !== undefined && { dpop_jkt: [proof.thumbprint] }),
    },
    expiresAt: new Date(clock.now() + pushedRequestLifetimeSeconds * 1000).toISOString(),
  };
}

/** RFC 9126 §2.3: whatever is wrong is told to the client itself. */
async function mustBeValid(
  { parameters }: PushedRequest,
  integration: Integration,
  settings: AuthorizationSettings,
  { deployment }: PushPorts,
): Promise<void> {
  const received = { form: formOfValues(parameters), arrival: 'pushed' } as const;
  try {
    // The client was read when it proved who it is.
    await validateAuthorizationRequest(received, settings, {
      deployment,
      integrations: { get: async () => integration },
    });
  } catch (error) {
    const isRefusal = error instanceof UnsafeAuthorizationRequest || error instanceof RedirectableError;
    throw isRefusal ? error.error : error;
  }
}

/** What pushed requests are taken from. */
export interface PushedRequestPorts {
  readonly clock: Clock;
  readonly pushedRequests: Pick<PushedRequestStore, 'get' | 'useOnce'>;
}

/**
 * What a browser brought: the request itself, or the one that its client pushed before, which is used up by this and
 * whose parameters alone count (RFC 9126 §4, RFC 9101 §5). Whoever has to ask the user something keeps the parameters.
 *
 * @throws UnsafeAuthorizationRequest unknown, used, expired, another client's or another tenant's
 * @throws DependencyUnavailable
 */
export async function receivedRequest(form: Form, ports: PushedRequestPorts): Promise<ReceivedRequest> {
  const requestUri = form.get('request_uri');
  if (!requestUri?.startsWith(requestUriPrefix))
    return { form: form.only([...authorizationParameters, 'client_id', 'request_uri']), arrival: 'direct' };
  const pushed = await pushedBy(form.get('client_id') ?? '', requestUri.slice(requestUriPrefix.length), ports);
  if (pushed === undefined || ports.clock.now() >= Date.parse(pushed.expiresAt))
    throw new UnsafeAuthorizationRequest(new InvalidRequestUri('unknown or expired'));
  if (!(await ports.pushedRequests.useOnce(pushed)))
    throw new UnsafeAuthorizationRequest(new InvalidRequestUri('used before'));
  return { form: formOfValues(pushed.parameters), arrival: 'pushed' };
}

async function pushedBy(
  clientId: string,
  id: string,
  { pushedRequests }: PushedRequestPorts,
): Promise<PushedRequest | undefined> {
  const tenant = tenantOfBoundId('req', id);
  if (tenant === undefined || tenant !== tenantOfClientId(clientId)) return undefined;
  const found = await pushedRequests.get(tenant, id);
  return found?.clientId === clientId ? found : undefined;
}
