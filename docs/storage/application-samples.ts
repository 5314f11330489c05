import type { Application, ApplicationVersion } from '../../src/entities/application.ts';
import type { Integration } from '../../src/entities/integration.ts';
import { at, integration } from './samples.ts';

/** Whose application the samples are of, and a tenant that it is offered to: ids that keys are built from. */
export const developer = `ten_${'D'.repeat(16)}`;
export const customer = `ten_${'C'.repeat(16)}`;

export const application: Application = {
  tenant: developer,
  id: `app_${'D'.repeat(16)}${'A'.repeat(22)}`,
  name: '{name}',
  publisher: '{name}',
  status: 'published',
  rights: { 'issues:read': { since: 1 } },
  version: 1,
  changedIn: 1,
  approval: 'none',
  createdAt: at,
  revision: 1,
};

export const applicationVersion: ApplicationVersion = {
  tenant: developer,
  id: application.id,
  version: 1,
  publishedAt: at,
  publishedBy: '{user}',
  name: '{name}',
  grantTypes: ['client_credentials'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  applicationType: 'web',
  redirectUris: [],
  postLogoutRedirectUris: [],
  reasons: { 'issues:read': '{reason}' },
};

export const connectedIntegration = {
  ...integration,
  application: { id: application.id, acceptedVersion: 1, rights: application.rights },
} as const satisfies Integration;
