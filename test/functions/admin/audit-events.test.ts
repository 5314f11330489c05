import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/audit-events.ts';
import { handler as resourceHandler } from '../../../functions/admin/protected-resource.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { originOf } from '../../src/entities/origin.ts';
import { callHandler } from '../deployment.ts';
import { deployAdmin, newTenant, type Scene } from './scene.ts';

const send = callHandler(handler);

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());

let caller: AuthorizerContext;
beforeEach(async () => {
  caller = await newTenant(scene, 'audit:read');
});

const noon = Date.parse('2026-11-21T12:00:00Z');
const happened = (minute: number, action: string, object: string, actor = 'usr_1') =>
  auditEventStore(scene.embedded.table).append(
    auditEvent(
      { tenant: caller.tenant, action, object, changes: { name: { from: 'A', to: 'B' } } },
      { ...originOf(actor, 'request-1'), via: { clientId: 'int_9', tokenId: 'tok_9' } },
      noon + minute * 60_000,
      randomBytes,
    ),
  );
const list = (query: Record<string, string> = {}) => send('GET /v1/audit-events', { caller, query });
const told = async (query: Record<string, string> = {}) =>
  (await list(query)).body.items.map(({ action, object }: { action: string; object: string }) => `${action} ${object}`);

describe('the audit log', () => {
  beforeEach(async () => {
    await happened(0, 'made', 'int_1');
    await happened(1, 'made', 'int_2', 'usr_2');
    await happened(2, 'changed', 'int_1', 'usr_2');
    await happened(3, 'changed', 'int_1');
  });

  it('comes newest first', async () => {
    const { body } = await list({ limit: '1' });
    expect(body.items).toEqual([
      {
        id: expect.stringMatching(/^evt_[0-9A-Za-z]{24}$/),
        at: '2026-11-21T12:03:00.000Z',
        actor: 'usr_1',
        action: 'changed',
        object: 'int_1',
        request_id: 'request-1',
        address: '203.0.113.7',
        via: { client_id: 'int_9', token_id: 'tok_9' },
        changes: { name: { from: 'A', to: 'B' } },
      },
    ]);
    expect(await told()).toEqual(['changed int_1', 'changed int_1', 'made int_2', 'made int_1']);
  });

  it.each([
    [{ object: 'int_1' }, ['changed int_1', 'changed int_1', 'made int_1']],
    [{ actor: 'usr_2' }, ['changed int_1', 'made int_2']],
    [{ action: 'made' }, ['made int_2', 'made int_1']],
    [{ object: 'int_1', actor: 'usr_2' }, ['changed int_1']],
    [{ actor: 'usr_2', action: 'made' }, ['made int_2']],
    [{ object: 'int_1', actor: 'usr_1', action: 'changed' }, ['changed int_1']],
    [{ from: '2026-11-21T12:01:00Z' }, ['changed int_1', 'changed int_1', 'made int_2']],
    [{ until: '2026-11-21T12:01:00Z' }, ['made int_1']],
    [{ from: '2026-11-21T13:01:00+01:00', until: '2026-11-21T12:03:00Z' }, ['changed int_1', 'made int_2']],
    [{ object: 'int_1', from: '2026-11-21T12:03:00Z' }, ['changed int_1']],
    [{ object: 'int_9' }, []],
  ])('filtered by %j', async (query, expected) => {
    expect(await told(query as Record<string, string>)).toEqual(expected);
  });

  it('costs one query a page, whatever the filter', async () => {
    await list({ limit: '1', object: 'int_1' });
    scene.embedded.calls();
    await list({ limit: '100', object: 'int_1', actor: 'usr_2' });
    expect(scene.embedded.calls()).toEqual({ Query: 1 });
  });

  it.each([
    [{}, 4],
    [{ object: 'int_1' }, 3],
    [{ object: 'int_1', actor: 'usr_1' }, 2],
  ])('goes on from page to page filtered by %j, none twice and none left out', async (filter, expected) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await list({ ...filter, limit: '1', ...(cursor && { cursor }) });
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(expected);
    expect(new Set(seen).size).toBe(expected);
  });

  it('400: a cursor under other filters, times that are none, names that could be keys', async () => {
    const { next_cursor } = (await list({ limit: '1', object: 'int_1' })).body;
    expect((await list({ limit: '2', object: 'int_1', cursor: next_cursor })).status).toBe(200);
    const refused: Record<string, string>[] = [
      { limit: '1', object: 'int_2', cursor: next_cursor },
      { limit: '1', cursor: next_cursor },
      { from: 'yesterday' },
      { until: '2026-13-01T00:00:00Z' },
      { object: 'int_1#' },
      { actor: '' },
      { who: 'usr_1' },
    ];
    for (const query of refused) expect((await list(query)).status).toBe(400);
  });

  it("shows nothing of another tenant's", async () => {
    caller = await newTenant(scene, 'audit:read');
    expect(await told()).toEqual([]);
    expect(await told({ object: 'int_1' })).toEqual([]);
  });
});

describe('the protected resource metadata', () => {
  it('names the resource, who issues its tokens, and its rights (RFC 9728 §2)', async () => {
    const { body } = await callHandler(resourceHandler)('GET /.well-known/oauth-protected-resource');
    expect(body).toMatchObject({
      resource: 'https://one.example/admin/v1',
      authorization_servers: ['https://one.example/auth'],
      bearer_methods_supported: ['header'],
    });
    expect(body.scopes_supported).toContain('integrations:manage');
    expect(body.scopes_supported).not.toContain('issues:read');
    expect(body.scopes_supported).not.toContain('tenants:manage');
  });
});
