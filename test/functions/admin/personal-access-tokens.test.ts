import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/personal-access-tokens.ts';
import { consents } from '../../../src/adapters/dynamodb/consent.ts';
import { personalAccessTokenItem } from '../../../src/adapters/dynamodb/personal-access-token.ts';
import { personalAccessTokens } from '../../../src/adapters/dynamodb/personal-access-token-store.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { tokenFamilies, tokenFamilyItem } from '../../../src/adapters/dynamodb/token-family.ts';
import type { PersonalAccessToken } from '../../../src/entities/personal-access-token.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { parsePersonalAccessToken } from '../../../src/oauth/personal-access-token.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable } from '../deployment.ts';
import {
  administratorOf,
  audited,
  inHours,
  machineOf,
  type SignedIn,
  signIn,
  someEvent,
  tenantOf,
} from './own-access-scene.ts';

const send = callHandler(handler);
const manage = 'personal-access-tokens:manage';
const day = 86_400;

let embedded: EmbeddedTable;
let ada: SignedIn;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());
beforeEach(async () => {
  ada = await signIn(embedded, [manage, 'issues:write', 'users:read']);
});

const wanted = { name: 'Nightly script', rights: ['issues:read'], expires_in: 30 * day };
const create = (more: object = {}, caller: AuthorizerContext = ada.caller) =>
  send('POST /v1/personal-access-tokens', { caller, body: { ...wanted, ...more } });
const list = (caller: AuthorizerContext = ada.caller, query?: Record<string, string>) =>
  send('GET /v1/personal-access-tokens', { caller, ...(query && { query }) });
const read = (id: string, caller: AuthorizerContext = ada.caller) =>
  send('GET /v1/personal-access-tokens/{id}', { caller, path: { id } });
const revoke = (id: string, caller: AuthorizerContext = ada.caller) =>
  send('DELETE /v1/personal-access-tokens/{id}', { caller, path: { id } });
const listOf = (user_id: string, caller: AuthorizerContext = administratorOf(ada.caller)) =>
  send('GET /v1/users/{user_id}/personal-access-tokens', { caller, path: { user_id } });
const revokeOf = (user_id: string, id: string, caller: AuthorizerContext = administratorOf(ada.caller)) =>
  send('DELETE /v1/users/{user_id}/personal-access-tokens/{id}', { caller, path: { user_id, id } });
const stored = () => personalAccessTokens(embedded.table).list(ada.user.tenant, ada.user.id);
const change = async (id: string, members: Partial<PersonalAccessToken>) => {
  const token = (await stored()).find((each) => each.id === id);
  if (token !== undefined) await embedded.table.put(personalAccessTokenItem({ ...token, ...members }));
};

describe('200, 201 and 204', () => {
  it('a token is shown once, and kept as its hash with what it hangs on', async () => {
    const created = await create();
    const { token, ...shown } = created.body;
    expect(created).toMatchObject({
      status: 201,
      headers: { Location: `/admin/v1/personal-access-tokens/${shown.id}` },
    });
    expect(shown).toEqual({
      id: expect.stringMatching(/^pat_\w{22}$/),
      name: 'Nightly script',
      rights: [{ right: 'issues:read', context: 'global' }],
      client_id: ada.caller.clientId,
      last_four: token.slice(-4),
      created_at: expect.any(String),
      expires_at: expect.any(String),
    });
    expect(Date.parse(shown.expires_at) - Date.parse(shown.created_at)).toBe(30 * day * 1000);
    const { tenant, id: userId, tokenGeneration: userGeneration } = ada.user;
    const where = { tenant, userId, clientId: ada.caller.clientId };
    expect(parsePersonalAccessToken(token)).toEqual({ ...where, hash: expect.any(String) });
    const kept = await stored();
    expect(kept).toEqual([
      expect.objectContaining({
        ...where,
        hash: parsePersonalAccessToken(token)?.hash,
        consentId: ada.consent.id,
        operator: false,
        userGeneration,
      }),
    ]);
    const log = await audited(embedded, ada.user);
    expect(log).toMatchObject([
      { action: 'personal_access_token.created', actor: userId, object: userId, changes: { rights: ['issues:read'] } },
    ]);
    for (const text of [kept, log, (await list()).body]) expect(JSON.stringify(text)).not.toContain(token);
  });

  it('those that live are listed, the latest first, and read one by one', async () => {
    const [first, second, spent, ofOldPassword] = [
      (await create()).body,
      (await create({ name: 'Later' })).body,
      (await create()).body,
      (await create()).body,
    ];
    await change(first.id, { createdAt: inHours(-2), lastUsedAt: '2026-11-21T10:00:00.000Z' });
    await change(spent.id, { expiresAt: inHours(-1) });
    await change(ofOldPassword.id, { userGeneration: 2 });
    embedded.calls();
    const { items } = (await list()).body;
    expect(embedded.calls()).toEqual({ GetItem: 1, Query: 1 });
    expect(items).toMatchObject([
      { id: second.id, name: 'Later' },
      { id: first.id, last_used_at: '2026-11-21T10:00:00.000Z' },
    ]);
    expect((await read(first.id)).body).toEqual(items[1]);
    expect((await read(spent.id)).status).toBe(404);
    const page = await list(ada.caller, { limit: '1' });
    const next = await list(ada.caller, { limit: '1', cursor: page.body.next_cursor });
    expect([...page.body.items, ...next.body.items]).toEqual(items);
  });

  it('one is revoked, and the log is told; of ten who do so at once, one does', async () => {
    const { id } = (await create()).body;
    const answers = await Promise.all(Array.from({ length: 10 }, () => revoke(id)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.every(({ status }) => [204, 404, 409].includes(status))).toBe(true);
    expect((await list()).body.items).toEqual([]);
    expect((await audited(embedded, ada.user)).map(({ action }) => action)).toEqual([
      'personal_access_token.revoked',
      'personal_access_token.created',
    ]);
  });

  it("administrators list and revoke others' tokens, and see none", async () => {
    const { id, token } = (await create()).body;
    const listed = await listOf(ada.user.id);
    expect(listed.body.items).toMatchObject([{ id }]);
    expect(JSON.stringify(listed.body)).not.toContain(token);
    expect((await revokeOf(ada.user.id, id)).status).toBe(204);
    expect((await listOf(ada.user.id)).body.items).toEqual([]);
  });

  it('a right that is held in projects only is given there, wherever it is held', async () => {
    const projectRights = { ONE: ['boards:write'], TWO: ['boards:read'], THREE: ['checklists:read'] };
    const caller = { ...ada.caller, projectRights };
    const created = await create({ rights: ['boards:read', 'issues:read'] }, caller);
    expect(created.body.rights).toEqual([
      { right: 'issues:read', context: 'global' },
      { right: 'boards:read', context: { project: 'ONE' } },
      { right: 'boards:read', context: { project: 'TWO' } },
    ]);
  });

  it('a token may last as long as the tenant allows, which is a year where it says nothing', async () => {
    expect((await create({ expires_in: 365 * day })).status).toBe(201);
    const { tenant } = ada.user;
    await embedded.table.put(tenantItem(tenantOf(tenant, { personalAccessTokenMaximumDays: 7 })));
    expect((await create({ expires_in: 7 * day })).status).toBe(201);
    expect(await create({ expires_in: 7 * day + 1 })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/expires_in' }] },
    });
  });

  it('one whose user was asked for no consent hangs on none', async () => {
    const { user, ...family } = ada.family;
    if (user === undefined) throw new Error('no user');
    const { consentId: _, ...ofPassword } = user;
    await embedded.table.put(tokenFamilyItem({ ...family, user: ofPassword }));
    expect((await create()).status).toBe(201);
    expect((await stored())[0]).not.toHaveProperty('consentId');
  });
});

describe('400', () => {
  it.each([
    [{ name: '' }, '/name'],
    [{ name: 'a\nb' }, '/name'],
    [{ name: 'x'.repeat(101) }, '/name'],
    [{ rights: [] }, '/rights'],
    [{ rights: ['moons:read'] }, '/rights/0'],
    [{ rights: ['issues:read', 'issues:read'] }, '/rights'],
    [{ rights: undefined }, '/rights'],
    [{ expires_in: undefined }, '/expires_in'],
    [{ expires_in: 0 }, '/expires_in'],
    [{ expires_in: 1.5 }, '/expires_in'],
    [{ expires_in: 365 * day + 1 }, '/expires_in'],
    [{ expires_in: '30' }, '/expires_in'],
    [{ token: 'lkp_mine' }, '/token'],
  ])('%j names %s, and nothing is made', async (fault, pointer) => {
    expect(await create(fault)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(await stored()).toEqual([]);
    expect((await create()).status).toBe(201);
  });
});

describe('403', () => {
  it('names each right that the token which creates it does not hold, and nothing is made', async () => {
    const caller = { ...ada.caller, projectRights: { PRJ: ['issues:read', 'users:manage'] } };
    expect(await create({ rights: ['issues:read', 'boards:read', 'users:manage'] }, caller)).toMatchObject({
      status: 403,
      body: { missing_rights: ['boards:read', 'users:manage'] },
    });
    expect(await stored()).toEqual([]);
  });

  it('is the answer to a personal access token that would create another, which may list and revoke', async () => {
    const { id } = (await create()).body;
    const { familyId: _, sessionId: __, ...bearer } = ada.caller;
    const caller: AuthorizerContext = { ...bearer, kind: 'personal-access-token', credential: id, tokenId: id };
    expect((await create({}, caller)).status).toBe(403);
    expect((await list(caller)).body.items).toMatchObject([{ id }]);
    expect((await revoke(id, caller)).status).toBe(204);
  });

  it('is the answer to a token that acts for nobody', async () => {
    const machine = machineOf(ada);
    for (const answer of [create({}, machine), list(machine), read('pat_1', machine), revoke('pat_1', machine)])
      expect((await answer).status).toBe(403);
  });

  it('is the answer where the token’s family has ended, or is another user’s', async () => {
    const bob = await signIn(embedded, [manage], ada.user.tenant);
    expect((await create({}, { ...ada.caller, familyId: bob.family.id })).status).toBe(403);
    expect((await create({}, { ...ada.caller, familyId: 'fam_0000000000000000000000' })).status).toBe(403);
    await tokenFamilies(embedded.table).revoke(ada.user.tenant, ada.family.id, inHours(0));
    expect((await create()).status).toBe(403);
    expect(await stored()).toEqual([]);
  });
});

describe('404', () => {
  it.each(['pat_1', 'pat_0000000000000000000000', '#', `pat_${'0'.repeat(2000)}`])(
    'is the answer to %s',
    async (id) => {
      expect((await read(id)).status).toBe(404);
      expect((await revoke(id)).status).toBe(404);
      expect((await revokeOf(ada.user.id, id)).status).toBe(404);
    },
  );

  it("is the answer to somebody else's token, which lives on", async () => {
    const bob = await signIn(embedded, [manage, 'issues:read'], ada.user.tenant);
    const { id } = (await create({}, bob.caller)).body;
    expect((await read(id)).status).toBe(404);
    expect((await revoke(id)).status).toBe(404);
    expect((await revokeOf(ada.user.id, id)).status).toBe(404);
    expect((await read(id, bob.caller)).status).toBe(200);
  });

  it("is the answer to another tenant's user, and to one that does not exist", async () => {
    const { id } = (await create()).body;
    const elsewhere = administratorOf((await signIn(embedded, [])).user);
    expect((await listOf(ada.user.id, elsewhere)).status).toBe(404);
    expect((await revokeOf(ada.user.id, id, elsewhere)).status).toBe(404);
    expect((await listOf('usr_0000000000000000000000')).status).toBe(404);
    expect((await read(id)).status).toBe(200);
  });
});

describe('409', () => {
  it('is the answer where the consent to the app was withdrawn meanwhile, or given anew', async () => {
    const store = consents(embedded.table);
    const { tenant, id } = ada.user;
    await store.withdraw(tenant, id, ada.consent.clientId, someEvent(tenant));
    expect((await create()).status).toBe(409);
    await store.put(undefined, { ...ada.consent, id: 'cns_another' }, someEvent(tenant));
    expect((await create()).status).toBe(409);
    expect(await stored()).toEqual([]);
  });

  it('is the answer to one more than fifty that live', async () => {
    const { id } = (await create()).body;
    const [token] = await stored();
    if (token === undefined) throw new Error('no token');
    for (let count = 1; count < 50; count++)
      await embedded.table.put(personalAccessTokenItem({ ...token, hash: `hash${count}` }));
    expect((await create()).status).toBe(409);
    await change(id, { expiresAt: inHours(-1) });
    expect((await create()).status).toBe(201);
    expect((await create()).status).toBe(409);
  });
});
