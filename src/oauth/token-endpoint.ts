import type { DeploymentReader } from '../entities/deployment.ts';
import { authenticateClient } from './client-authentication/authenticate.ts';
import type { AuthenticationPorts } from './client-authentication/method.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { InvalidRequest, UnauthorizedClient, UnsupportedGrantType } from './errors.ts';
import { type Form, type ProtocolRequest, parseForm } from './form.ts';
import { type Grant, type GrantPorts, isOffered, type TokenAnswer, type TokenSettings } from './grants/grant.ts';
import { grantsByType } from './grants/index.ts';

/** What the token endpoint works with. */
export interface TokenEndpointPorts extends AuthenticationPorts, GrantPorts {
  readonly deployment: DeploymentReader;
}

/**
 * The token endpoint (RFC 6749 §3.2): read the request, authenticate the client, let the grant decide and sign. One
 * read and one signature; a client assertion is one write besides.
 *
 * @throws OAuthError, DependencyUnavailable
 */
export async function exchangeToken(
  http: ProtocolRequest,
  settings: TokenSettings,
  ports: TokenEndpointPorts,
): Promise<TokenAnswer> {
  const form = parseForm(http);
  const grant = requestedGrant(form, settings);
  const endpoint = { issuer: settings.issuer, url: endpointUrl(settings.issuer, 'token') };
  const client = await authenticateClient({ http, form, endpoint }, ports);
  if (!client.integration.grantTypes.includes(grant.grantType)) throw new UnauthorizedClient("not the client's grant");
  const deployment = await ports.deployment.current();
  const source = { address: http.address ?? '', requestId: http.requestId ?? '' };
  return grant.exchange({ client, form: form.only(grant.parameters), deployment, settings, ports, source });
}

function requestedGrant(form: Form, settings: TokenSettings): Grant {
  const grantType = form.get('grant_type');
  if (grantType === undefined) throw new InvalidRequest('no grant_type');
  const grant = grantsByType.get(grantType);
  if (grant === undefined || !isOffered(grant, settings)) throw new UnsupportedGrantType('no such grant type');
  return grant;
}
