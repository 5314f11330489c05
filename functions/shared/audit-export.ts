import type { AuditEvent } from '../../src/entities/audit-event.ts';
import type { StorePage } from './page.ts';

/** What one call answers at most. An answer of Lambda holds 6 MB, as JSON, in which each quotation mark takes two bytes. */
export const exportLimits = {
  events: 5000,
  /** Of the lines as they stand in Lambda's answer: escaped. */
  bytes: 4_000_000,
  /** Of the log, each reading a bounded number of rows: what a filter leaves out counts as well. */
  queries: 12,
} as const;

/** Events of one query. */
const perQuery = 500;

type List = (page: { readonly limit: number; readonly after?: string }) => Promise<StorePage<AuditEvent>>;

/**
 * The lines of one call, out of as many queries as it may take. The cost of a call is bounded; where it ends early, `last`
 * says so, even where a filter left nothing.
 *
 * @param after the id of the last event that was exported
 */
export async function exportedPage(
  list: List,
  after: string | undefined,
  lineOf: (event: AuditEvent) => string,
): Promise<StorePage<string>> {
  const lines: string[] = [];
  let [position, bytes] = [after, 0];
  for (let count = 0; count < exportLimits.queries; count++) {
    const limit = Math.min(perQuery, exportLimits.events - lines.length);
    if (limit === 0) break;
    const { items, last } = await list({ limit, ...(position !== undefined && { after: position }) });
    for (const event of items) {
      const line = lineOf(event);
      bytes += Buffer.byteLength(JSON.stringify(line));
      // One event always fits: a row of the table holds 400 kB at most.
      if (bytes > exportLimits.bytes) return { items: lines, ...(position !== undefined && { last: position }) };
      lines.push(line);
      position = event.id;
    }
    if (last === undefined) return { items: lines };
    position = last;
  }
  return { items: lines, ...(position !== undefined && { last: position }) };
}
