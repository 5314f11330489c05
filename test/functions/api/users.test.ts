import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as adminHandler } from '../../../functions/admin/users.ts';
import { handler } from '../../../functions/api/users.ts';
import { rightNames } from '../../../src/api/rights.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';

const send = callHandler(handler);

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

describe('GET /users', () => {
  it("shows the tenant's users, one by one and page by page, and no other tenant's", async () => {
    const caller = newCaller(...rightNames);
    const made = [];
    for (const username of ['ada', 'bob']) {
      const body = { username, email: `${username}@example.com`, name: username, roles: ['member'] };
      const { password_link: _, ...user } = (await callHandler(adminHandler)('POST /v1/users', { caller, body })).body;
      made.push(user);
    }
    expect(await send('GET /v1/users', { caller })).toMatchObject({ status: 200, body: { items: made } });
    const first = (await send('GET /v1/users', { caller, query: { limit: '1' } })).body;
    expect(first.items).toEqual([made[0]]);
    const rest = await send('GET /v1/users', { caller, query: { limit: '1', cursor: first.next_cursor } });
    expect(rest.body).toEqual({ items: [made[1]] });
    const path = { user_id: made[0].id };
    expect(await send('GET /v1/users/{user_id}', { caller, path })).toMatchObject({ status: 200, body: made[0] });

    const stranger = newCaller('users:read');
    expect((await send('GET /v1/users', { caller: stranger })).body).toEqual({ items: [] });
    expect((await send('GET /v1/users/{user_id}', { caller: stranger, path })).status).toBe(404);
  });

  it('finds nobody under what is no user id, without asking the table', async () => {
    embedded.calls();
    const caller = newCaller('users:read');
    expect((await send('GET /v1/users/{user_id}', { caller, path: { user_id: 'usr_#' } })).status).toBe(404);
    expect(embedded.calls()).toEqual({});
  });
});
