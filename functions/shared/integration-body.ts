import type * as z from 'zod/mini';
import { accessOfRights } from '../../src/api/access.ts';
import type {
  createdIntegrationAnswer,
  integrationAnswer,
  integrationSummary,
} from '../../src/api/schemas/integration.ts';
import type { Integration, IntegrationSummary } from '../../src/entities/integration.ts';

/** A line of the list. */
export function summaryBody(integration: IntegrationSummary): z.output<typeof integrationSummary> {
  return {
    client_id: integration.clientId,
    name: integration.name,
    status: integration.status,
    created_at: integration.createdAt,
  };
}

/** The details of an integration, as the contract shows them. */
export function integrationBody(integration: Integration, issuer: string): z.output<typeof integrationAnswer> {
  const rights = Object.entries(integration.rights);
  const wanted = rights.filter(([, { state }]) => state === 'granted' || state === 'pending').map(([right]) => right);
  return {
    client_id: integration.clientId,
    name: integration.name,
    ...(integration.description !== undefined && { description: integration.description }),
    status: integration.status,
    owner: integration.owner,
    grant_types: [...integration.grantTypes],
    token_endpoint_auth_method: integration.tokenEndpointAuthMethod,
    ...(integration.jwks.length > 0 && { jwks: { keys: [...integration.jwks] } }),
    access: accessOfRights(wanted),
    rights: rights.map(([right, { state }]) => ({ right, context: 'global', state })),
    created_at: integration.createdAt,
    token_request: { curl: curlOf(integration, issuer) },
  };
}

/** The details with the secret that was just made: the only answer of creation that holds it. */
export function createdIntegrationBody(
  integration: Integration,
  issuer: string,
  secret: string | undefined,
): z.output<typeof createdIntegrationAnswer> {
  return { ...(secret !== undefined && { client_secret: secret }), ...integrationBody(integration, issuer) };
}

/** The request of a token, ready to paste; identifiers and secrets need no escaping in a shell, a form or a URL. */
function curlOf({ clientId, tokenEndpointAuthMethod }: Integration, issuer: string): string {
  const request = `curl -X POST '${issuer}/oauth2/token' -d grant_type=client_credentials`;
  if (tokenEndpointAuthMethod === 'client_secret_basic') return `${request} -u '${clientId}:<client_secret>'`;
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return `${request} -d client_assertion_type=${type} -d 'client_assertion=<client_assertion>'`;
}
