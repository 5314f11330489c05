import type * as z from 'zod/mini';
import { auditEventStore } from '../../src/adapters/dynamodb/audit-event.ts';
import type { auditEventAnswer } from '../../src/api/schemas/audit-event.ts';
import type { AuditEvent } from '../../src/entities/audit-event.ts';
import { once } from '../../src/once.ts';
import { exportedPage, exportLimits } from '../shared/audit-export.ts';
import { endpoint } from '../shared/endpoint.ts';
import { locationOf } from '../shared/location.ts';
import { pageBody } from '../shared/page.ts';
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

  exportAuditEvents: async ({ caller: { tenant }, query: { cursor, ...filters } }) => {
    const page = await pageBody(
      { limit: exportLimits.events, cursor },
      { tenant, route: 'exportAuditEvents', filters },
      ({ after }) => exportedPage((part) => auditEvents().list(tenant, filters, part), after, lineOf),
      (line) => line,
    );
    const next = page.next_cursor && exportUrl({ ...filters, cursor: page.next_cursor });
    return { text: page.items.join(''), headers: { ...(next !== undefined && { Link: `<${next}>; rel="next"` }) } };
  },
});

/** JSON Lines: one event a line, the last one ended like the others. */
const lineOf = (event: AuditEvent) => `${JSON.stringify(auditEventBody(event))}\n`;

/** Where the rest is exported (RFC 8288 §3). */
function exportUrl(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((each): each is [string, string] => each[1] !== undefined);
  return `${locationOf('exportAuditEvents', {})}?${new URLSearchParams(given)}`;
}

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
