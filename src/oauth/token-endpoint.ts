import type { CredentialUseRecorder } from '../entities/credential-use.ts';
import type { DeploymentReader } from '../entities/deployment.ts';
import type { Integration } from '../entities/integration.ts';
import { projectsNamedIn } from './authorization-details.ts';
import { type AuthenticatedClient, authenticateClient } from './client-authentication/authenticate.ts';
import type { AuthenticationPorts } from './client-authentication/method.ts';
import { publicClientCredential } from './client-authentication/none.ts';
import type { DpopProof } from './dpop/proof.ts';
import { type DpopPorts, presentedProof, useProof } from './dpop/token-request.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { InvalidDpopProof, InvalidRequest, UnauthorizedClient, UnsupportedGrantType } from './errors.ts';
import { type Form, type ProtocolRequest, parseForm } from './form.ts';
import { type Grant, type GrantPorts, isOffered, type TokenAnswer, type TokenSettings } from './grants/grant.ts';
import { grantsByType } from './grants/index.ts';

/** What the token endpoint works with. */
export interface TokenEndpointPorts extends AuthenticationPorts, GrantPorts {
  readonly deployment: DeploymentReader;
  readonly dpop: DpopPorts;
  readonly noteUse: CredentialUseRecorder;
}

/**
 * The token endpoint (RFC 6749 §3.2): read the request, check its proof, authenticate the client, let the grant decide
 * and sign. One read and one signature of a client that acts for itself; a client assertion and a DPoP proof are one
 * write each besides, and the first use of a credential in an hour is noted while the grant decides and signs.
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
  const proof = settings.dpop ? await presentedProof(http.dpop ?? [], endpoint.url, proofPorts(ports)) : undefined;
  const client = await authenticateClient({ http, form, endpoint, projects: projectsNamedIn(form) }, ports);
  if (!client.integration.grantTypes.includes(grant.grantType)) throw new UnauthorizedClient("not the client's grant");
  await checkPossession(client.integration, proof, ports);
  const deployment = await ports.deployment.current();
  const noted = useOf(client, ports);
  try {
    return await grant.exchange({
      client,
      form: form.only(grant.parameters),
      deployment,
      settings,
      ports,
      keyThumbprint: proof?.thumbprint,
      source: http.source,
    });
  } finally {
    await noted;
  }
}

/** A public client has no credential that anything could be known of. */
async function useOf({ integration, credential }: AuthenticatedClient, ports: TokenEndpointPorts): Promise<void> {
  if (credential !== publicClientCredential) await ports.noteUse(integration, credential, ports.clock.now());
}

const proofPorts = ({ clock, dpop: { nonces } }: TokenEndpointPorts) => ({ clock, nonces });

/** RFC 9449 §5.2: an integration may have said that all of its tokens are bound; without DPoP it then gets none. */
async function checkPossession(
  { dpopBoundAccessTokens, tenant }: Integration,
  proof: DpopProof | undefined,
  { dpop }: TokenEndpointPorts,
): Promise<void> {
  if (proof !== undefined) await useProof(proof, tenant, dpop);
  else if (dpopBoundAccessTokens) throw new InvalidDpopProof('no proof from a client whose tokens are bound');
}

function requestedGrant(form: Form, settings: TokenSettings): Grant {
  const grantType = form.get('grant_type');
  if (grantType === undefined) throw new InvalidRequest('no grant_type');
  const grant = grantsByType.get(grantType);
  if (grant === undefined || !isOffered(grant, settings)) throw new UnsupportedGrantType('no such grant type');
  return grant;
}
