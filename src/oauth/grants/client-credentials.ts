import { issueAccessToken } from '../access-token/issue.ts';
import { holdingsOfIntegration } from '../holdings.ts';
import { decideTokenRights, rightsParameters } from '../token-rights.ts';
import type { Grant } from './grant.ts';

/** The client acts for itself (RFC 6749 §4.4). */
export const clientCredentials: Grant = {
  grantType: 'client_credentials',
  parameters: rightsParameters,
  async exchange({ client, form, deployment, settings, ports }) {
    const { integration } = client;
    const rights = decideTokenRights(form, holdingsOfIntegration(integration), deployment.apis);
    return issueAccessToken({ ...client, rights }, settings, ports);
  },
};
