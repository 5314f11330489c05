import type { Route } from '../route.ts';
import { refusalTouches } from './sign-in-touches.ts';

/** What finding out who is at a page reads. */
const visit = { tenant: ['BatchGetItem'], session: ['BatchGetItem'], user: ['BatchGetItem'] } as const;

/** What the page of a user's links reads, whoever asks for it. */
const linked = { ...visit, interaction: ['PutItem'], 'federated-identity': ['Query'] } as const;

/** The way to an upstream provider and back, and the page on which users link themselves. */
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
      ...refusalTouches,
    },
    upstreamSecrets: 'read',
  },
  linkedAccounts: {
    api: 'auth',
    method: 'GET',
    path: '/t/{tenant}/account/linked',
    entry: 'auth/linked-accounts',
    right: 'none',
    summary: 'Which providers sign the user in',
    status: 200,
    touches: { ...linked, 'identity-provider': ['Query'] },
  },
  linkAccount: {
    api: 'auth',
    method: 'POST',
    path: '/t/{tenant}/account/linked',
    entry: 'auth/linked-accounts',
    right: 'none',
    summary: 'Sends the browser to a provider, to be linked to whoever is there',
    status: 303,
    touches: { ...visit, interaction: ['PutItem'], 'identity-provider': ['GetItem'] },
  },
  unlinkAccount: {
    api: 'auth',
    method: 'POST',
    path: '/t/{tenant}/account/linked/remove',
    entry: 'auth/linked-accounts',
    right: 'none',
    summary: "Removes one of the user's links",
    status: 303,
    touches: {
      ...linked,
      'identity-provider': ['Query'],
      'federated-identity': ['Query', 'DeleteItem'],
      'user-credentials': ['GetItem'],
      'audit-event': ['PutItem'],
    },
  },
} as const satisfies Record<string, Route>;
