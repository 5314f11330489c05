import type { Route } from '../route.ts';

/** What finding out who is at a page below `/t/{tenant}` reads. */
const visit = { tenant: ['BatchGetItem'], session: ['BatchGetItem'], user: ['BatchGetItem'] } as const;

/** The pages on which users set what they sign in with. */
export const userPageRoutes = {
  setPasswordPage: {
    api: 'auth',
    method: 'GET',
    path: '/t/{tenant}/set-password',
    entry: 'auth/set-password',
    right: 'none',
    summary: 'The page behind a one-time link to set a password',
    status: 200,
    touches: { ...visit, user: ['BatchGetItem', 'GetItem'], 'password-link': ['GetItem'] },
  },
  setPassword: {
    api: 'auth',
    method: 'POST',
    path: '/t/{tenant}/set-password',
    entry: 'auth/set-password',
    right: 'none',
    summary: 'Sets the password and uses the link up',
    status: 200,
    touches: {
      ...visit,
      user: ['BatchGetItem', 'GetItem', 'UpdateItem'],
      'password-link': ['GetItem', 'DeleteItem'],
      'user-credentials': ['GetItem', 'PutItem'],
      'sign-in-attempts': ['PutItem'],
      'audit-event': ['PutItem'],
    },
  },
} as const satisfies Record<string, Route>;
