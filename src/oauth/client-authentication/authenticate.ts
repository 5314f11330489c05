import { tenantOfClientId } from '../../entities/identifiers.ts';
import type { Integration, TokenEndpointAuthMethod } from '../../entities/integration.ts';
import type { RefusedProof } from '../../entities/refusal-log.ts';
import { InvalidClient, InvalidRequest } from '../errors.ts';
import { clientAuthenticationMethods } from './index.ts';
import type {
  AuthenticationPorts,
  AuthenticationRequest,
  ClientAuthenticationMethod,
  PresentedCredentials,
} from './method.ts';

/** A client that has proved who it is. */
export interface AuthenticatedClient {
  readonly integration: Integration;
  /** The id of the secret, or the `kid` of the registered key, that proved it; `none` of a public client. */
  readonly credential: string;
}

/**
 * Authenticates the client of a request (RFC 6749 §2.3): one read, the same work whoever asks.
 *
 * @throws InvalidRequest two methods at once, half an assertion, or a `client_id` that does not agree
 * @throws InvalidClient anything else that does not hold
 * @throws DependencyUnavailable
 */
export async function authenticateClient(
  request: AuthenticationRequest,
  ports: AuthenticationPorts,
): Promise<AuthenticatedClient> {
  const { method, credentials } = onlyMethod(request);
  checkClientIdAgrees(request, credentials);
  const integration = await find(credentials.unverifiedClientId ?? '', request, ports);
  const credential = await credentials.prove(admitted(integration, method), ports);
  if (integration === undefined || credential === undefined) {
    const reason = reasonFor(integration, method.registeredAs);
    // After everything is decided, and as long for a client that does not exist.
    await ports.refusals.note(integration && refusedProof(integration, reason), request.http.source);
    throw new InvalidClient(reason, request.http);
  }
  return { integration, credential };
}

interface Presented {
  readonly method: ClientAuthenticationMethod;
  readonly credentials: PresentedCredentials;
}

/** RFC 6749 §2.3: no more than one method in each request. */
function onlyMethod(request: AuthenticationRequest): Presented {
  let presented: Presented | undefined;
  for (const method of clientAuthenticationMethods) {
    const credentials = method.present(request);
    if (credentials === undefined) continue;
    if (presented !== undefined) throw new InvalidRequest('two ways to authenticate at once');
    presented = { method, credentials };
  }
  if (presented === undefined) throw new InvalidClient('no client authentication', request.http);
  return presented;
}

/** RFC 7521 §4.2: a `client_id` beside other credentials names the same client. */
function checkClientIdAgrees({ form }: AuthenticationRequest, { unverifiedClientId }: PresentedCredentials): void {
  const beside = form.get('client_id');
  if (beside !== undefined && unverifiedClientId !== undefined && beside !== unverifiedClientId)
    throw new InvalidRequest('client_id is not that of the credentials');
}

/** What is no client id is looked for in a tenant that does not exist, so that it takes as long. */
async function find(
  clientId: string,
  { projects }: AuthenticationRequest,
  { integrations }: AuthenticationPorts,
): Promise<Integration | undefined> {
  const tenant = tenantOfClientId(clientId);
  if (tenant === undefined) {
    await integrations.get('ten_0', 'int_0', projects);
    return undefined;
  }
  return integrations.get(tenant, clientId, projects);
}

/** The integration, if it may authenticate at all, and in this way. */
function admitted(
  integration: Integration | undefined,
  { registeredAs }: ClientAuthenticationMethod,
): Integration | undefined {
  if (integration?.status !== 'active') return undefined;
  return integration.tokenEndpointAuthMethod === registeredAs ? integration : undefined;
}

function refusedProof({ tenant, clientId }: Integration, reason: string): RefusedProof {
  return { tenant, action: 'client.refused', object: clientId, reason };
}

/** For the log. */
function reasonFor(integration: Integration | undefined, registeredAs: TokenEndpointAuthMethod): string {
  if (integration === undefined) return 'unknown client';
  if (integration.status !== 'active') return 'client is not active';
  if (integration.tokenEndpointAuthMethod !== registeredAs) return 'not the registered method';
  return 'credentials do not match';
}
