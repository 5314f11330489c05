import { newId } from '../../entities/identifiers.ts';
import { issueAccessToken } from '../access-token/issue.ts';
import { publicClientCredential } from '../client-authentication/none.ts';
import { UnauthorizedClient } from '../errors.ts';
import { holdingsOfIntegration } from '../holdings.ts';
import { decideTokenRights, rightsParameters, type TokenRights } from '../token-rights.ts';
import { beginFamily, refreshTokenGrantType } from './begin-family.ts';
import type { Grant, GrantRequest, TokenAnswer } from './grant.ts';

/**
 * The client acts for itself (RFC 6749 §4.4), and must have proved to be it. A refresh token comes with it where the
 * integration lists that grant type, though it has no need of one (§4.4.3): otherwise nothing is kept of the token.
 */
export const clientCredentials: Grant = {
  grantType: 'client_credentials',
  parameters: rightsParameters,
  async exchange(request) {
    const { client, form, deployment, settings, ports, keyThumbprint } = request;
    if (client.credential === publicClientCredential) throw new UnauthorizedClient('a public client');
    const rights = decideTokenRights(form, holdingsOfIntegration(client.integration), deployment.apis);
    return client.integration.grantTypes.includes(refreshTokenGrantType)
      ? withRefreshToken(request, rights)
      : issueAccessToken({ ...client, rights, keyThumbprint }, settings, ports);
  },
};

function withRefreshToken(request: GrantRequest, { global, byProject }: TokenRights): Promise<TokenAnswer> {
  const { client, form, settings, ports } = request;
  const now = ports.clock.now();
  const draft = {
    tenant: client.integration.tenant,
    id: newId('fam', ports.randomBytes),
    clientId: client.integration.clientId,
    grantType: clientCredentials.grantType,
    operator: false,
    scopes: [],
    rights: { global, byProject },
    resources: form.all('resource'),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + settings.refreshTokenLifetimeSeconds * 1000).toISOString(),
  };
  // What the request asked for was decided on already, and stands in the draft.
  return beginFamily({ ...request, form: form.only([]) }, draft, (family) => ports.families.create(family));
}
