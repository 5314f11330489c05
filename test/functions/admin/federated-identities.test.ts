import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/federated-identities.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { federatedIdentities } from '../../../src/adapters/dynamodb/federated-identity.ts';
import { identityProviders } from '../../../src/adapters/dynamodb/identity-provider.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { rightNames } from '../../../src/api/rights.ts';
import { auditEvent } from '../../../src/entities/audit-event.ts';
import { NotFound } from '../../../src/entities/errors.ts';
import { newUserId } from '../../../src/entities/identifiers.ts';
import {
  type IdentityProvider,
  newIdentityProviderId,
  standardClaims,
} from '../../../src/entities/identity-provider.ts';
import type { User } from '../../../src/entities/user.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { originOf } from '../../src/entities/origin.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';

const send = callHandler(handler);

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

let caller: AuthorizerContext;
let provider: IdentityProvider;
let ada: User;
beforeEach(async () => {
  caller = newCaller(...rightNames.filter((right) => right !== 'tenants:manage'));
  await embedded.table.put(tenantItem({ tenant: caller.tenant, name: 'Tenant', operator: false, managers: 1 }));
  provider = await newProvider(caller.tenant);
  ada = await newUser('ada');
});

const eventOf = (tenant: string, action: string, object: string) =>
  auditEvent({ tenant, action, object }, originOf('usr_1'), Date.now(), randomBytes);

async function newProvider(tenant: string): Promise<IdentityProvider> {
  const made: IdentityProvider = {
    tenant,
    id: newIdentityProviderId(tenant, randomBytes),
    name: 'Example ID',
    issuer: 'https://id.example',
    clientId: 'latchkey',
    claimMapping: standardClaims,
    allowedEmailDomains: [],
    createUsers: false,
    roles: ['member'],
    status: 'active',
    version: 1,
    createdAt: new Date().toISOString(),
  };
  await identityProviders(embedded.table).create(made, eventOf(tenant, 'identity_provider.created', made.id));
  return made;
}

async function newUser(username: string, roles: User['roles'] = ['member'], tenant = caller.tenant): Promise<User> {
  const id = newUserId(randomBytes);
  const user: User = {
    ...{ tenant, id, username, email: `${username}@example.com`, name: username, roles },
    ...{ status: 'active', tokenGeneration: 0, version: 1, createdAt: new Date().toISOString() },
  };
  await users(embedded.table).create(user, eventOf(tenant, 'user.created', id));
  return user;
}

const all = '/v1/users/{user_id}/federated-identities';
const link = (user: User, more: object = {}, by = caller) =>
  send(`POST ${all}`, {
    caller: by,
    path: { user_id: user.id },
    body: { identity_provider: provider.id, subject: 'ada', ...more },
  });
const list = (user: User, query: Record<string, string> = {}) =>
  send(`GET ${all}`, { caller, path: { user_id: user.id }, query });
const read = (user: User, id: string, by = caller) =>
  send(`GET ${all}/{id}`, { caller: by, path: { user_id: user.id, id } });
const unlink = (user: User, id: string, by = caller) =>
  send(`DELETE ${all}/{id}`, { caller: by, path: { user_id: user.id, id } });
const whoIs = async (subject: string) => (await federatedIdentities(embedded.table).find(provider, subject))?.userId;

describe('200, 201 and 204', () => {
  it('a user is linked to a subject, and the link is read, listed and removed', async () => {
    const linked = await link(ada);
    expect(linked).toMatchObject({
      status: 201,
      body: { identity_provider: provider.id, issuer: 'https://id.example', subject: 'ada' },
    });
    const { id } = linked.body;
    expect(linked.headers.Location).toBe(`/admin/v1/users/${ada.id}/federated-identities/${id}`);
    expect(await whoIs('ada')).toBe(ada.id);
    expect((await read(ada, id)).body).toEqual(linked.body);
    expect((await list(ada)).body).toEqual({ items: [linked.body] });
    expect((await unlink(ada, id)).status).toBe(204);
    expect(await whoIs('ada')).toBeUndefined();
    expect((await list(ada)).body).toEqual({ items: [] });
    expect((await unlink(ada, id)).status).toBe(404);
    expect((await link(ada)).status).toBe(201);
  });

  it('a list has pages', async () => {
    for (const subject of ['one', 'two', 'three']) await link(ada, { subject });
    const { body } = await list(ada, { limit: '2' });
    expect(body.items).toHaveLength(2);
    const rest = await list(ada, { limit: '2', cursor: body.next_cursor });
    expect([...body.items, ...rest.body.items].map(({ subject }) => subject).sort()).toEqual(['one', 'three', 'two']);
  });

  it('both are told of in the audit log', async () => {
    const { id } = (await link(ada)).body;
    await unlink(ada, id);
    const { items } = await auditEventStore(embedded.table).list(caller.tenant, { object: ada.id }, { limit: 2 });
    const changes = { federated_identity: id, identity_provider: provider.id };
    expect(items).toMatchObject([
      { action: 'user.identity_unlinked', actor: caller.subject, changes },
      { action: 'user.identity_linked', actor: caller.subject, changes },
    ]);
  });

  it('the link of a user who was deleted gives way', async () => {
    await link(ada);
    await users(embedded.table).delete(ada, eventOf(caller.tenant, 'user.deleted', ada.id));
    const eve = await newUser('eve');
    expect((await link(eve)).status).toBe(201);
    expect(await whoIs('ada')).toBe(eve.id);
    const left = await embedded.table.query({ partition: `FEDERATED_IDENTITY#${caller.tenant}#${ada.id}#` });
    expect(left.items).toEqual([]);
  });
});

describe('400', () => {
  it('a provider that is not there, or of another tenant, and what can be no subject are refused', async () => {
    const foreign = await newProvider(newCaller().tenant);
    for (const [more, pointer] of [
      [{ identity_provider: newIdentityProviderId(caller.tenant, randomBytes) }, '/identity_provider'],
      [{ identity_provider: foreign.id }, '/identity_provider'],
      [{ identity_provider: 'idp_1' }, '/identity_provider'],
      [{ subject: '' }, '/subject'],
      [{ subject: 'x'.repeat(256) }, '/subject'],
      [{ subject: 'é' }, '/subject'],
    ] as const)
      expect(await link(ada, more)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect((await list(ada)).body.items).toEqual([]);
  });
});

describe('403', () => {
  it('who does not hold all that the user holds gives nobody a way to be them, and takes none', async () => {
    const administrator = await newUser('root', ['administrator']);
    const lacking = { ...caller, rights: caller.rights.filter((right) => right !== 'audit:read') };
    expect(await link(administrator, {}, lacking)).toMatchObject({
      status: 403,
      body: { missing_rights: ['audit:read'] },
    });
    expect(await whoIs('ada')).toBeUndefined();
    const { id } = (await link(administrator)).body;
    expect((await unlink(administrator, id, lacking)).status).toBe(403);
    expect(await whoIs('ada')).toBe(administrator.id);
    expect((await link(ada, { subject: 'other' }, lacking)).status).toBe(201);
  });
});

describe('404', () => {
  it("another user's or another tenant's link is not found", async () => {
    const { id } = (await link(ada)).body;
    const eve = await newUser('eve');
    const foreign = { ...newCaller(...caller.rights), rights: caller.rights };
    for (const answer of [
      await read(eve, id),
      await unlink(eve, id),
      await read(ada, id, foreign),
      await unlink(ada, id, foreign),
      await link(ada, {}, foreign),
      await read(ada, 'fid_1'),
    ])
      expect(answer.status).toBe(404);
    expect((await read(ada, id)).status).toBe(200);
  });
});

describe('409', () => {
  it('a subject is one user: of ten who are linked at once, one is', async () => {
    const others = await Promise.all(Array.from({ length: 10 }, (_, index) => newUser(`user${index}`)));
    const answers = await Promise.all(others.map((user) => link(user)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
    const winner = others[answers.findIndex(({ status }) => status === 201)];
    expect(await whoIs('ada')).toBe(winner?.id);
    expect((await link(ada)).status).toBe(409);
  });
});

describe('the links of a provider that is removed', () => {
  it('go, in as many steps as that takes, and no new one is made meanwhile', async () => {
    const store = federatedIdentities(embedded.table);
    for (let index = 0; index < 50; index++) await link(ada, { subject: `s${index}` });
    const event = eventOf(caller.tenant, 'identity_provider.deleted', provider.id);
    await identityProviders(embedded.table).beginRemoval(caller.tenant, provider.id, event);
    expect((await link(ada, { subject: 'late' })).status).toBe(400);
    const [first] = await store.ofUser(caller.tenant, ada.id);
    if (first === undefined) throw new Error('no link');
    const late = { ...first, id: 'fid_late', subject: 'late' };
    await expect(store.link(late, undefined, { ...event, id: 'evt_late' })).rejects.toThrow(NotFound);
    expect(await store.unlinkSome(caller.tenant, provider.id)).toBe(true);
    expect(await store.unlinkSome(caller.tenant, provider.id)).toBe(false);
    expect((await list(ada)).body.items).toEqual([]);
    expect(await whoIs('s0')).toBeUndefined();
  });
});
