import type { Touches } from '../entities/partition.ts';
import type { Route } from './route.ts';
import { applicationRoutes } from './routes/applications.ts';
import { authorizationServerRoutes } from './routes/authorization-server.ts';
import { authorizationRoutes } from './routes/authorizations.ts';
import { devicePageRoutes } from './routes/device-pages.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { identityProviderRoutes } from './routes/identity-providers.ts';
import { integrationRoutes } from './routes/integrations.ts';
import { ownAccessRoutes } from './routes/own-access.ts';
import { pageRoutes } from './routes/pages.ts';
import { referenceApiRoutes } from './routes/reference-api.ts';
import { sshKeyRoutes } from './routes/ssh-keys.ts';
import { tenantRoutes } from './routes/tenant.ts';
import { tenantDeletionTouches } from './routes/tenant-deletion-touches.ts';
import { tenantRegisterRoutes } from './routes/tenants.ts';
import { upstreamRoutes } from './routes/upstream.ts';
import { userPageRoutes } from './routes/user-pages.ts';
import { userRoutes } from './routes/users.ts';

/**
 * The route table, one row an operation. Constructs loop over it, the authorizer's rows are compiled from it, OpenAPI
 * renders it; a test holds rows and entry files to one another.
 */
export const routes = {
  ...authorizationServerRoutes,
  ...pageRoutes,
  ...devicePageRoutes,
  ...userPageRoutes,
  ...upstreamRoutes,
  ...integrationRoutes,
  ...authorizationRoutes,
  ...sshKeyRoutes,
  ...endpointRoutes,
  ...tenantRoutes,
  ...tenantRegisterRoutes,
  ...userRoutes,
  ...identityProviderRoutes,
  ...applicationRoutes,
  ...ownAccessRoutes,
  ...referenceApiRoutes,
} as const satisfies Readonly<Record<string, Route>>;

/** The name of an operation: the row's key here, OpenAPI's `operationId`, and the name of its handler. */
export type Operation = keyof typeof routes;

/** What an authorizer does to the table besides, where its API accepts tokens that are bound to a key. */
export const boundTokenTouches: Touches = { 'dpop-proof': ['PutItem'] };

/** What the functions that serve no route do to the table. */
export const backgroundTouches = {
  'authorizer/rights-authorizer': {
    deployment: ['Query', 'BatchGetItem'],
    integration: ['BatchGetItem'],
    tenant: ['BatchGetItem'],
    application: ['BatchGetItem'],
    project: ['BatchGetItem'],
    'project-rights': ['BatchGetItem'],
    'revoked-token': ['BatchGetItem'],
    'token-family': ['BatchGetItem'],
    user: ['BatchGetItem'],
    consent: ['BatchGetItem'],
    session: ['BatchGetItem'],
    'personal-access-token': ['BatchGetItem', 'UpdateItem'],
  },
  'deployment/bootstrap': {
    deployment: ['Query', 'PutItem'],
    'cursor-key': ['PutItem'],
    tenant: ['PutItem'],
    'tenant-list': ['PutItem'],
    integration: ['PutItem'],
    'integration-name': ['PutItem'],
    'audit-event': ['PutItem'],
  },
  'deployment/signing-keys': { deployment: ['Query', 'PutItem'] },
  'deployment/expiring-secrets': {
    integration: ['QueryIndex', 'GetItem', 'PutItem'],
    'audit-event': ['PutItem'],
    'outgoing-event': ['PutItem'],
  },
  'deployment/deliveries': {
    integration: ['BatchGetItem'],
    tenant: ['BatchGetItem'],
    application: ['BatchGetItem'],
    project: ['BatchGetItem'],
    'project-rights': ['BatchGetItem'],
    endpoint: ['GetItem', 'Query', 'PutItem'],
    delivery: ['GetItem', 'BatchGetItem', 'Query', 'QueryIndex', 'PutItem', 'UpdateItem', 'DeleteItem'],
    'audit-event': ['PutItem'],
  },
  'deployment/logout-deliveries': {
    deployment: ['Query'],
    integration: ['GetItem'],
    'logout-delivery': ['QueryIndex', 'PutItem', 'DeleteItem'],
  },
  'deployment/rights-removals': {
    'rights-removal': ['QueryIndex', 'DeleteItem'],
    integration: ['GetItem', 'PutItem'],
    'project-rights': ['QueryIndex', 'Query', 'BatchGetItem', 'DeleteItem'],
    project: ['BatchGetItem'],
    'pending-authorization': ['DeleteItem'],
    'outgoing-event': ['PutItem'],
    'audit-event': ['PutItem'],
  },
  'deployment/tenant-deletions': tenantDeletionTouches,
} as const satisfies Readonly<Record<string, Touches>>;
