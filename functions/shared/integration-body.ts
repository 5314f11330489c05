import type * as z from 'zod/mini';
import { accessOfRights } from '../../src/api/access.ts';
import type {
  createdIntegrationAnswer,
  integrationAnswer,
  integrationSummary,
} from '../../src/api/schemas/integration.ts';
import { countedRights } from '../../src/entities/asked-rights.ts';
import type { Endpoint } from '../../src/entities/endpoint.ts';
import type { Integration, IntegrationSummary } from '../../src/entities/integration.ts';
import type { ProjectRights } from '../../src/entities/project-rights.ts';
import { metadataBody } from './client-metadata.ts';
import { credentialsBody } from './credentials-body.ts';
import { curlOf } from './token-request.ts';

/** A line of the list. */
export function summaryBody(integration: IntegrationSummary): z.output<typeof integrationSummary> {
  return {
    client_id: integration.clientId,
    name: integration.name,
    status: integration.status,
    created_at: integration.createdAt,
  };
}

/**
 * The details of an integration, as the contract shows them.
 *
 * @param integration a connection with what its application asks for now: of the rest of its rights nothing is shown
 * @param inProjects what it asked for in single projects, as far as it was read
 */
export function integrationBody(
  integration: Integration,
  issuer: string,
  inProjects: readonly ProjectRights[] = [],
  told?: Endpoint,
): z.output<typeof integrationAnswer> {
  const rights = Object.entries(countedRights(integration, integration.rights));
  const curl = curlOf(integration, issuer);
  const wanted = rights.filter(([, { state }]) => state === 'granted' || state === 'pending').map(([right]) => right);
  return {
    client_id: integration.clientId,
    name: integration.name,
    ...(integration.description !== undefined && { description: integration.description }),
    status: integration.status,
    owner: integration.owner,
    ...metadataBody(integration),
    access: accessOfRights(wanted),
    rights: [
      ...rights.map(([right, { state }]) => ({ right, context: 'global' as const, state })),
      ...inProjects.flatMap(({ project, rights: there }) =>
        Object.entries(countedRights(integration, there)).map(([right, { state }]) => ({
          right,
          context: { project },
          state,
        })),
      ),
    ],
    ...(told && {
      endpoint: {
        uri: told.uri,
        status: told.status,
        ...(told.pausedAt !== undefined && { paused_at: told.pausedAt }),
      },
    }),
    created_at: integration.createdAt,
    ...credentialsBody(integration),
    ...(curl !== undefined && { token_request: { curl } }),
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
