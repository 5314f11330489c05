import type { Route } from '../route.ts';

/** What finding out who is at a page reads. */
const visit = { tenant: ['BatchGetItem'], session: ['BatchGetItem'], user: ['BatchGetItem'] } as const;

/** The way to an upstream provider and back. */
export const upstreamRoutes = {
  startUpstream: {
    api: 'auth',
    method: 'POST',
    path: '/upstream/{identity_provider}/start',
    entry: 'auth/upstream',
    right: 'none',
    summary: 'Sends the browser to an identity provider',
    status: 303,
    touches: { ...visit, interaction: ['GetItem', 'PutItem'], 'identity-provider': ['GetItem'] },
  },
  upstreamCallback: {
    api: 'auth',
    method: 'GET',
    path: '/upstream/{identity_provider}/callback',
    entry: 'auth/upstream-callback',
    right: 'none',
    summary: "Takes an identity provider's answer (OIDC Core §3.1.2.5)",
    status: 303,
    touches: {
      tenant: ['BatchGetItem'],
      interaction: ['GetItem', 'PutItem'],
      'identity-provider': ['GetItem', 'ConditionCheckItem'],
      'federated-identity': ['GetItem', 'PutItem', 'DeleteItem'],
      user: ['BatchGetItem', 'GetItem', 'PutItem', 'ConditionCheckItem'],
      username: ['PutItem'],
      email: ['PutItem'],
      'user-credentials': ['GetItem'],
      session: ['BatchGetItem', 'PutItem', 'Query', 'DeleteItem'],
      'logout-delivery': ['PutItem'],
      'audit-event': ['PutItem'],
    },
    upstreamSecrets: 'read',
  },
} as const satisfies Record<string, Route>;
