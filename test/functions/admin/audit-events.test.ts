import { randomBytes } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/audit-events.ts';
import { handler as resourceHandler } from '../../../functions/admin/protected-resource.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import { type AuthorizerContext, encodeContext } from '../../../src/oauth/access-token/context.ts';
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

describe('the export', () => {
  const linesOf = (status: number, body: string) =>
    status === 200
      ? body
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line))
      : [];
  const exported = async (query: Record<string, string> = {}) => {
    const event = {
      ...{ httpMethod: 'GET', resource: '/v1/audit-events/export', pathParameters: null, body: null },
      ...{ queryStringParameters: query, multiValueQueryStringParameters: null, headers: {}, multiValueHeaders: {} },
      requestContext: {
        requestId: 'request-1',
        authorizer: encodeContext(caller, 'GET /v1/audit-events/export'),
      },
    } as unknown as APIGatewayProxyEvent;
    const { statusCode, headers = {}, body } = await handler(event, {} as never);
    return { statusCode, headers, lines: linesOf(statusCode, body), body };
  };

  it('is a line of JSON for each event, the same as in the list, with the same filters', async () => {
    await happened(0, 'made', 'int_1');
    await happened(1, 'changed', 'int_1');
    const { statusCode, headers, lines, body } = await exported();
    expect([statusCode, headers['Content-Type'], headers.Link]).toEqual([200, 'application/x-ndjson', undefined]);
    expect(lines).toEqual((await list()).body.items);
    expect(body.endsWith('}\n')).toBe(true);
    expect((await exported({ action: 'made' })).lines).toMatchObject([{ action: 'made' }]);
    expect(await exported({ action: 'none' })).toMatchObject({ statusCode: 200, body: '' });
  });

  it('ends within what a call may answer, and goes on behind it until everything was exported once', async () => {
    const wide = 'x'.repeat(300_000);
    for (let minute = 0; minute < 16; minute++)
      await auditEventStore(scene.embedded.table).append(
        auditEvent(
          { tenant: caller.tenant, action: 'made', object: `int_${minute}`, changes: { wide } },
          originOf('usr_1'),
          noon + minute * 60_000,
          randomBytes,
        ),
      );
    const first = await exported({ action: 'made' });
    expect(Buffer.byteLength(JSON.stringify(first.body))).toBeLessThan(4_100_000);
    const next = /^<\/admin\/v1\/audit-events\/export\?(.+)>; rel="next"$/.exec(String(first.headers.Link))?.[1];
    const query = Object.fromEntries(new URLSearchParams(next));
    expect(query).toMatchObject({ action: 'made', cursor: expect.any(String) });
    const rest = await exported(query);
    expect(rest.headers.Link).toBeUndefined();
    const objects = [...first.lines, ...rest.lines].map(({ object }) => object);
    expect(objects).toEqual(Array.from({ length: 16 }, (_, index) => `int_${15 - index}`));
    expect((await exported({ cursor: String(query.cursor) })).statusCode).toBe(400);
    expect((await exported({ limit: '5' })).statusCode).toBe(400);
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
