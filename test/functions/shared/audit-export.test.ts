import { describe, expect, it } from 'vitest';
import { exportedPage, exportLimits } from '../../../functions/shared/audit-export.ts';
import type { AuditEvent } from '../../../src/entities/audit-event.ts';

/** A log of so many events, read `perQuery` rows at a time, of which a filter leaves those that `passes` says. */
function log(total: number, { perQuery = 500, passes = (_: number): boolean => true } = {}) {
  let queries = 0;
  const list = async ({ limit, after }: { readonly limit: number; readonly after?: string }) => {
    queries++;
    const from = after === undefined ? 0 : Number(after.slice(4)) + 1;
    const read = Array.from({ length: Math.min(perQuery, limit, total - from) }, (_, index) => from + index);
    const to = from + read.length;
    const items = read.filter(passes).map((index) => ({ id: `evt_${index}` }) as AuditEvent);
    return { items, ...(to < total && { last: `evt_${to - 1}` }) };
  };
  return { list, queries: () => queries };
}
const lineOf = ({ id }: AuditEvent) => `${id}\n`;

async function everything({ list }: ReturnType<typeof log>, line = lineOf) {
  const seen: string[] = [];
  const calls: number[] = [];
  let after: string | undefined;
  do {
    const page = await exportedPage(list, after, line);
    seen.push(...page.items);
    calls.push(page.items.length);
    after = page.last;
  } while (after !== undefined);
  return { seen, calls };
}

describe('an export', () => {
  it.each([0, 1, 499, 500, 501, 12_000])(
    'of %d events holds each once, and no call more than it may',
    async (total) => {
      const { seen, calls } = await everything(log(total));
      expect(seen).toEqual(Array.from({ length: total }, (_, index) => `evt_${index}\n`));
      expect(Math.max(...calls)).toBeLessThanOrEqual(exportLimits.events);
    },
  );

  it('reads no more than so much in one call where a filter leaves nothing, and goes on', async () => {
    const rare = log(20_000, { passes: (index) => index === 19_999 });
    const first = await exportedPage(rare.list, undefined, lineOf);
    expect([first.items, rare.queries()]).toEqual([[], exportLimits.queries]);
    expect(first.last).toEqual(expect.any(String));
    expect((await everything(rare)).seen).toEqual(['evt_19999\n']);
  });

  it('holds no more than an answer may, escaped', async () => {
    const quoted = ({ id }: AuditEvent) => `${'"'.repeat(100_000)}${id}\n`;
    const { list } = log(60);
    const { items } = await exportedPage(list, undefined, quoted);
    expect(Buffer.byteLength(JSON.stringify(items.join('')))).toBeLessThanOrEqual(exportLimits.bytes);
    expect((await everything(log(60), quoted)).seen).toHaveLength(60);
  });
});
