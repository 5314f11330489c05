import type { Touches } from '../../entities/partition.ts';

/** What checking a password does to the table, wherever it is asked for. */
export const signInTouches = {
  username: ['GetItem'],
  email: ['GetItem'],
  user: ['BatchGetItem'],
  'user-credentials': ['BatchGetItem', 'UpdateItem'],
  'sign-in-attempts': ['BatchGetItem', 'PutItem', 'UpdateItem'],
} as const satisfies Touches;
