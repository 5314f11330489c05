import { randomBytes } from 'node:crypto';
import { pushedRequests } from '../../src/adapters/dynamodb/pushed-request.ts';
import type { AccessPattern } from './access-patterns.ts';
import { pushedRequest } from './samples.ts';

/** How authorization requests, and what users agree to, are reached. */
export const authorizationPatterns: readonly AccessPattern[] = [
  {
    name: 'A client pushes its authorization request; forgotten once it has expired',
    usedBy: ['auth/par'],
    run: (table) => pushedRequests(table, randomBytes).create(pushedRequest),
  },
];
