import type * as z from 'zod/mini';
import { auditEventStore } from '../../src/adapters/dynamodb/audit-event.ts';
import type { auditEventAnswer } from '../../src/api/schemas/audit-event.ts';
import type { AuditEvent } from '../../src/entities/audit-event.ts';
import { endpoint } from '../shared/endpoint.ts';
import { pageBody } from '../shared/page.ts';
import { once } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const auditEvents = once(() => auditEventStore(table()));

export const handler = endpoint({
  listAuditEvents: async ({ caller: { tenant }, query: { limit, cursor, ...filters } }) => ({
    body: await pageBody(
      { limit, cursor },
      { tenant, route: 'listAuditEvents', filters },
      (page) => auditEvents().list(tenant, filters, page),
      auditEventBody,
    ),
  }),
});

function auditEventBody({
  id,
  at,
  actor,
  action,
  object,
  requestId,
  address,
  via,
  changes,
}: AuditEvent): z.output<typeof auditEventAnswer> {
  return {
    id,
    at,
    actor,
    action,
    object,
    request_id: requestId,
    ...(address !== undefined && { address }),
    ...(via && { via: { client_id: via.clientId, token_id: via.tokenId, session_id: via.sessionId } }),
    ...(changes && { changes: { ...changes } }),
  };
}
