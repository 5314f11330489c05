import { auditEventStore } from '../../src/adapters/dynamodb/audit-event.ts';
import type { Route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import type { AuditFilter } from '../../src/entities/audit-event.ts';
import type { AccessPattern } from './access-patterns.ts';
import { during, event } from './samples.ts';

const page = { limit: 50 };

const audited = (name: string, filter: AuditFilter): AccessPattern => ({
  name: `Events ${name}`,
  usedBy: ['admin/audit-events'],
  run: (table) => auditEventStore(table).list('{tenant}', filter, page),
});

/** Entries whose refusals are told of. */
const refusing = Object.values<Route>(routes).flatMap(({ entry, refusals }) => (refusals ? [entry] : []));

/** What is done with the audit log apart from the transactions of changes. */
export const auditPatterns: readonly AccessPattern[] = [
  {
    name: 'An event that no change of data goes with: a legacy flow, a request that was refused',
    usedBy: [...new Set(['auth/token', ...refusing])],
    run: (table) => auditEventStore(table).append(event),
  },
  {
    name: "A sign-in or a client's proof that did not hold, the first of its hour and slot",
    usedBy: [
      ...['auth/token', 'auth/introspect', 'auth/revoke', 'auth/device-authorization', 'auth/par'],
      ...['auth/sign-in', 'auth/second-factor', 'auth/password', 'auth/upstream-callback'],
    ],
    run: (table) => auditEventStore(table).appendFirstOfHour(event, 7),
  },
  audited('of the tenant', {}),
  audited('of an object', { object: '{object}' }),
  audited('by an actor', { actor: '{actor}' }),
  audited('of an action', { action: '{action}' }),
  audited('of several of these: the rest is a filter over 500 rows at most', { object: '{object}', actor: '{actor}' }),
  audited('of a time, with or without one of these', during),
];
