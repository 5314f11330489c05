import type { Touches } from '../../entities/partition.ts';

/** A client as it counts now; its application where it is a connection. */
export const clientTouches = {
  deployment: ['Query', 'BatchGetItem'],
  integration: ['BatchGetItem'],
  tenant: ['BatchGetItem'],
  application: ['GetItem'],
} as const satisfies Touches;

/** A client of whom it matters what it holds in projects that the request names. */
export const holderTouches = { ...clientTouches, 'project-rights': ['BatchGetItem'] } as const satisfies Touches;

/** A token's integration as it counts now. */
export const standingTouches = {
  integration: ['BatchGetItem'],
  tenant: ['BatchGetItem'],
  application: ['BatchGetItem'],
  'project-rights': ['BatchGetItem'],
} as const satisfies Touches;

/** All that the life of a token hangs on. */
export const userinfoTouches = {
  deployment: ['Query', 'BatchGetItem'],
  ...standingTouches,
  'revoked-token': ['BatchGetItem'],
  'token-family': ['BatchGetItem'],
  user: ['BatchGetItem'],
  consent: ['BatchGetItem'],
  session: ['BatchGetItem'],
} as const;
