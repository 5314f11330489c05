import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/sessions.ts';
import { sessions } from '../../../src/adapters/dynamodb/session.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable } from '../deployment.ts';
import {
  administratorOf,
  audited,
  inHours,
  machineOf,
  type SignedIn,
  sessionOf,
  signIn,
  someEvent,
} from './own-access-scene.ts';

const send = callHandler(handler);

let embedded: EmbeddedTable;
let ada: SignedIn;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());
beforeEach(async () => {
  ada = await signIn(embedded, ['users:read']);
});

const list = (caller: AuthorizerContext = ada.caller, query?: Record<string, string>) =>
  send('GET /v1/sessions', { caller, ...(query && { query }) });
const end = (id: string, caller: AuthorizerContext = ada.caller) =>
  send('DELETE /v1/sessions/{id}', { caller, path: { id } });
const listOf = (user_id: string, caller: AuthorizerContext = administratorOf(ada.caller)) =>
  send('GET /v1/users/{user_id}/sessions', { caller, path: { user_id } });
const endOf = (user_id: string, id: string, caller: AuthorizerContext = administratorOf(ada.caller)) =>
  send('DELETE /v1/users/{user_id}/sessions/{id}', { caller, path: { user_id, id } });
const keep = async (more: Parameters<typeof sessionOf>[1]) => {
  const session = sessionOf(ada.user, more);
  await sessions(embedded.table).create(session, someEvent(ada.user.tenant));
  return session;
};
const idsOf = ({ body }: Awaited<ReturnType<typeof list>>) => body.items.map(({ id }: { id: string }) => id);

describe('200 and 204', () => {
  it('own sessions are listed, the latest first, in two reads at once; the token’s own is current', async () => {
    const later = await keep({ createdAt: inHours(0), userAgent: 'A browser', address: '192.0.2.1' });
    embedded.calls();
    expect(await list()).toMatchObject({
      status: 200,
      body: {
        items: [
          { id: later.id, user_agent: 'A browser', address: '192.0.2.1', current: false },
          { id: ada.session.id, methods: ['pwd', 'otp'], current: true },
        ],
      },
    });
    expect(embedded.calls()).toEqual({ GetItem: 1, Query: 1 });
    expect((await list()).body.items[1]).toEqual({
      id: ada.session.id,
      created_at: ada.session.createdAt,
      expires_at: ada.session.expiresAt,
      methods: ['pwd', 'otp'],
      current: true,
    });
  });

  it('those that ran out, or began before the password was changed, are not', async () => {
    await keep({ expiresAt: inHours(-0.1) });
    await keep({ userGeneration: 2 });
    expect(idsOf(await list())).toEqual([ada.session.id]);
  });

  it('an own one is ended, which the log is told, and nothing else of it is', async () => {
    const other = await keep({});
    expect(await end(ada.session.id)).toMatchObject({ status: 204, body: undefined });
    expect(idsOf(await list())).toEqual([other.id]);
    expect(await audited(embedded, ada.user)).toMatchObject([
      { action: 'session.ended', actor: ada.user.id, object: ada.user.id, changes: { session: ada.session.id } },
    ]);
  });

  it("administrators list and end others' sessions, of which none is their current one", async () => {
    expect((await listOf(ada.user.id)).body.items).toMatchObject([{ id: ada.session.id, current: false }]);
    expect((await endOf(ada.user.id, ada.session.id)).status).toBe(204);
    expect((await listOf(ada.user.id)).body.items).toEqual([]);
  });

  it('pages follow one another', async () => {
    const ids = [ada.session.id];
    for (const hours of [-0.8, -0.5]) ids.unshift((await keep({ createdAt: inHours(hours) })).id);
    const first = await list(ada.caller, { limit: '2' });
    expect(idsOf(first)).toEqual(ids.slice(0, 2));
    expect(idsOf(await list(ada.caller, { limit: '2', cursor: first.body.next_cursor }))).toEqual(ids.slice(2));
  });

  it('of ten who end one at once, one does', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => end(ada.session.id)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.every(({ status }) => [204, 404, 409].includes(status))).toBe(true);
    expect(await audited(embedded, ada.user)).toHaveLength(1);
  });
});

describe('403', () => {
  it('is the answer to a token that acts for nobody', async () => {
    expect((await list(machineOf(ada))).status).toBe(403);
    expect((await end(ada.session.id, machineOf(ada))).status).toBe(403);
    expect(idsOf(await list())).toEqual([ada.session.id]);
  });
});

describe('404', () => {
  it.each(['ses_1', 'ses_0000000000000000000000', '#', `ses_${'0'.repeat(2000)}`])(
    'is the answer to %s',
    async (id) => {
      expect((await end(id)).status).toBe(404);
      expect((await endOf(ada.user.id, id)).status).toBe(404);
    },
  );

  it("is the answer to somebody else's session, which goes on", async () => {
    const bob = await signIn(embedded, [], ada.user.tenant);
    expect((await end(bob.session.id)).status).toBe(404);
    expect((await endOf(ada.user.id, bob.session.id)).status).toBe(404);
    expect(idsOf(await list(bob.caller))).toEqual([bob.session.id]);
  });

  it("is the answer to another tenant's user, and to one that does not exist", async () => {
    const elsewhere = administratorOf((await signIn(embedded, [])).user);
    expect((await listOf(ada.user.id, elsewhere)).status).toBe(404);
    expect((await endOf(ada.user.id, ada.session.id, elsewhere)).status).toBe(404);
    expect((await listOf('usr_1')).status).toBe(404);
    expect(idsOf(await list())).toEqual([ada.session.id]);
  });
});
