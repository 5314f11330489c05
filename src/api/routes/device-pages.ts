import type { Route } from '../route.ts';

/** The page where somebody types the code of a device, and allows it (RFC 8628 §3.3). */
export const devicePageRoutes = {
  devicePage: {
    api: 'auth',
    method: 'GET',
    path: '/device',
    entry: 'auth/device',
    right: 'none',
    summary: "Where somebody types a device's code, and is asked what it may do for them (RFC 8628 §3.3)",
    status: 200,
    touches: {
      'user-code': ['GetItem'],
      'device-authorization': ['GetItem'],
      interaction: ['GetItem', 'PutItem', 'DeleteItem'],
      tenant: ['BatchGetItem'],
      user: ['BatchGetItem'],
      session: ['BatchGetItem'],
      deployment: ['Query'],
      integration: ['GetItem'],
      consent: ['GetItem'],
      'user-credentials': ['GetItem'],
      project: ['BatchGetItem'],
    },
  },
  device: {
    api: 'auth',
    method: 'POST',
    path: '/device',
    entry: 'auth/device',
    right: 'none',
    summary: 'Takes the code, and the answer',
    status: 303,
    touches: {
      'user-code': ['GetItem', 'DeleteItem'],
      'device-authorization': ['GetItem', 'UpdateItem'],
      // A try is counted by its address; what is read beside the counter is nobody's.
      'sign-in-attempts': ['BatchGetItem', 'PutItem', 'UpdateItem'],
      'user-credentials': ['GetItem', 'BatchGetItem'],
      interaction: ['GetItem', 'PutItem', 'DeleteItem'],
      tenant: ['BatchGetItem'],
      user: ['BatchGetItem'],
      session: ['BatchGetItem', 'PutItem'],
      deployment: ['Query'],
      integration: ['GetItem'],
      consent: ['GetItem', 'PutItem'],
      project: ['BatchGetItem'],
      'audit-event': ['PutItem'],
    },
  },
} as const satisfies Record<string, Route>;
