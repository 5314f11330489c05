import { grantedRights } from '../../entities/integration.ts';
import { issueAccessToken } from '../access-token/issue.ts';
import { decideTokenRights, rightsParameters } from '../token-rights.ts';
import type { Grant } from './grant.ts';

/** The client acts for itself (RFC 6749 §4.4). */
export const clientCredentials: Grant = {
  grantType: 'client_credentials',
  parameters: rightsParameters,
  async exchange({ client, form, deployment, settings, ports }) {
    const { integration } = client;
    const rights = decideTokenRights(form, grantedRights(integration), deployment.apis);
    return issueAccessToken({ ...client, subject: integration.clientId, rights }, settings, ports);
  },
};
