import type { Touches } from '../../entities/partition.ts';
import type { Route } from '../route.ts';
import { consentPage } from '../schemas/consent.ts';
import { pageQuery } from '../schemas/page.ts';
import {
  createdPersonalAccessTokenAnswer,
  personalAccessTokenAnswer,
  personalAccessTokenCreation,
  personalAccessTokenPage,
} from '../schemas/personal-access-token.ts';
import { sessionPage } from '../schemas/session.ts';

const sessionList = { user: ['GetItem'], session: ['Query'], 'cursor-key': ['GetItem'] } as const satisfies Touches;
/** With a session goes the note of who is to be told of its end. */
const sessionEnd = {
  session: ['Query', 'DeleteItem'],
  'logout-delivery': ['PutItem'],
  'audit-event': ['PutItem'],
} as const satisfies Touches;

const consentList = {
  consent: ['Query'],
  integration: ['BatchGetItem'],
  'cursor-key': ['GetItem'],
} as const satisfies Touches;
/** With a consent go the personal access tokens that were made through the app. */
const consentWithdrawal = {
  consent: ['DeleteItem'],
  'personal-access-token': ['Query', 'DeleteItem'],
  'audit-event': ['PutItem'],
} as const satisfies Touches;

const tokenList = {
  user: ['GetItem'],
  'personal-access-token': ['Query'],
  'cursor-key': ['GetItem'],
} as const satisfies Touches;
const tokenRevocation = {
  'personal-access-token': ['Query', 'DeleteItem'],
  'audit-event': ['PutItem'],
} as const satisfies Touches;

/** The admin API's rows on what users have let in: themselves and, for administrators, others. */
export const ownAccessRoutes = {
  listSessions: {
    api: 'admin',
    method: 'GET',
    path: '/v1/sessions',
    entry: 'admin/sessions',
    right: 'any',
    summary: 'List own sessions, the latest first',
    query: pageQuery,
    answer: sessionPage,
    status: 200,
    touches: sessionList,
  },
  endSession: {
    api: 'admin',
    method: 'DELETE',
    path: '/v1/sessions/{id}',
    entry: 'admin/sessions',
    right: 'any',
    summary: 'End an own session, and the tokens that hang on it',
    status: 204,
    touches: sessionEnd,
  },
  listSessionsOfUser: {
    api: 'admin',
    method: 'GET',
    path: '/v1/users/{user_id}/sessions',
    entry: 'admin/sessions',
    right: 'users:manage',
    summary: "List a user's sessions, the latest first",
    query: pageQuery,
    answer: sessionPage,
    status: 200,
    touches: sessionList,
  },
  endSessionOfUser: {
    api: 'admin',
    method: 'DELETE',
    path: '/v1/users/{user_id}/sessions/{id}',
    entry: 'admin/sessions',
    right: 'users:manage',
    summary: "End a user's session, and the tokens that hang on it",
    status: 204,
    touches: sessionEnd,
  },
  listConsents: {
    api: 'admin',
    method: 'GET',
    path: '/v1/consents',
    entry: 'admin/consents',
    right: 'any',
    summary: 'List own consents',
    query: pageQuery,
    answer: consentPage,
    status: 200,
    touches: consentList,
  },
  withdrawConsent: {
    api: 'admin',
    method: 'DELETE',
    path: '/v1/consents/{client_id}',
    entry: 'admin/consents',
    right: 'any',
    summary: 'Withdraw an own consent, and kill the tokens that hang on it',
    status: 204,
    touches: consentWithdrawal,
  },
  listConsentsOfUser: {
    api: 'admin',
    method: 'GET',
    path: '/v1/users/{user_id}/consents',
    entry: 'admin/consents',
    right: 'users:manage',
    summary: "List a user's consents",
    query: pageQuery,
    answer: consentPage,
    status: 200,
    touches: { ...consentList, user: ['GetItem'] },
  },
  withdrawConsentOfUser: {
    api: 'admin',
    method: 'DELETE',
    path: '/v1/users/{user_id}/consents/{client_id}',
    entry: 'admin/consents',
    right: 'users:manage',
    summary: "Withdraw a user's consent, and kill the tokens that hang on it",
    status: 204,
    touches: consentWithdrawal,
  },
  createPersonalAccessToken: {
    api: 'admin',
    method: 'POST',
    path: '/v1/personal-access-tokens',
    entry: 'admin/personal-access-tokens',
    right: 'personal-access-tokens:manage',
    summary: 'Create a personal access token, which is shown this once',
    body: personalAccessTokenCreation,
    answer: createdPersonalAccessTokenAnswer,
    status: 201,
    refusals: { action: 'personal_access_token.refused', asked: ['rights', 'expires_in'] },
    touches: {
      tenant: ['GetItem'],
      'token-family': ['GetItem'],
      'personal-access-token': ['Query', 'PutItem'],
      consent: ['ConditionCheckItem'],
      'audit-event': ['PutItem'],
    },
  },
  listPersonalAccessTokens: {
    api: 'admin',
    method: 'GET',
    path: '/v1/personal-access-tokens',
    entry: 'admin/personal-access-tokens',
    right: 'personal-access-tokens:manage',
    summary: 'List own personal access tokens, the latest first',
    query: pageQuery,
    answer: personalAccessTokenPage,
    status: 200,
    touches: tokenList,
  },
  getPersonalAccessToken: {
    api: 'admin',
    method: 'GET',
    path: '/v1/personal-access-tokens/{id}',
    entry: 'admin/personal-access-tokens',
    right: 'personal-access-tokens:manage',
    summary: 'Read about an own personal access token',
    answer: personalAccessTokenAnswer,
    status: 200,
    touches: { user: ['GetItem'], 'personal-access-token': ['Query'] },
  },
  revokePersonalAccessToken: {
    api: 'admin',
    method: 'DELETE',
    path: '/v1/personal-access-tokens/{id}',
    entry: 'admin/personal-access-tokens',
    right: 'personal-access-tokens:manage',
    summary: 'Revoke an own personal access token',
    status: 204,
    touches: tokenRevocation,
  },
  listPersonalAccessTokensOfUser: {
    api: 'admin',
    method: 'GET',
    path: '/v1/users/{user_id}/personal-access-tokens',
    entry: 'admin/personal-access-tokens',
    right: 'users:manage',
    summary: "List a user's personal access tokens, the latest first",
    query: pageQuery,
    answer: personalAccessTokenPage,
    status: 200,
    touches: tokenList,
  },
  revokePersonalAccessTokenOfUser: {
    api: 'admin',
    method: 'DELETE',
    path: '/v1/users/{user_id}/personal-access-tokens/{id}',
    entry: 'admin/personal-access-tokens',
    right: 'users:manage',
    summary: "Revoke a user's personal access token",
    status: 204,
    touches: tokenRevocation,
  },
} as const satisfies Record<string, Route>;
