import type { Touches } from '../../entities/partition.ts';

/** What telling of a proof that did not hold does to the table. */
export const refusalTouches = { 'audit-event': ['GetItem', 'PutItem'] } as const satisfies Touches;

/** What checking a password does to the table, wherever it is asked for. */
export const signInTouches = {
  username: ['GetItem'],
  email: ['GetItem'],
  user: ['BatchGetItem'],
  'user-credentials': ['BatchGetItem', 'UpdateItem'],
  'sign-in-attempts': ['BatchGetItem', 'PutItem', 'UpdateItem'],
  ...refusalTouches,
} as const satisfies Touches;
