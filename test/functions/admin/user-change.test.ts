import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as projectsHandler } from '../../../functions/admin/projects.ts';
import { handler } from '../../../functions/admin/users.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { passwordLinks } from '../../../src/adapters/dynamodb/password-link-store.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../../src/adapters/dynamodb/user-credentials-store.ts';
import { rightNames } from '../../../src/api/rights.ts';
import { hashOf } from '../../../src/entities/recognizable-secret.ts';
import { noCredentials } from '../../../src/entities/user-credentials.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';

const send = callHandler(handler);
const sendToProjects = callHandler(projectsHandler);

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

const ofTenant = rightNames.filter((right) => right !== 'tenants:manage');

let caller: AuthorizerContext;
beforeEach(async () => {
  caller = newCaller(...ofTenant);
  await embedded.table.put(tenantItem({ tenant: caller.tenant, name: 'Tenant', operator: false, managers: 1 }));
  await sendToProjects('POST /v1/projects', { caller, body: { key: 'PRJ', name: 'A project' } });
});

const without = (...rights: readonly string[]): AuthorizerContext => ({
  ...caller,
  rights: ofTenant.filter((right) => !rights.includes(right)),
});
const path = (user_id: string) => ({ path: { user_id } });
const create = async (more: object = {}): Promise<{ id: string; password_link: string }> => {
  const unique = randomBytes(6).toString('hex');
  const body = { username: unique, email: `${unique}@example.com`, name: 'Ada', roles: ['member'], ...more };
  return (await send('POST /v1/users', { caller, body })).body;
};
const change = (id: string, body: unknown, by = caller) =>
  send('PATCH /v1/users/{user_id}', { caller: by, body, ...path(id) });
const read = (id: string) => send('GET /v1/users/{user_id}', { caller, ...path(id) });
const list = () => send('GET /v1/users', { caller });
const remove = (id: string) => send('DELETE /v1/users/{user_id}', { caller, ...path(id) });
const newLink = (id: string, by = caller) =>
  send('POST /v1/users/{user_id}/password-link', { caller: by, ...path(id) });
const resetFactor = (id: string, by = caller) =>
  send('DELETE /v1/users/{user_id}/second-factor', { caller: by, ...path(id) });
const stored = (id: string) => users(embedded.table).get(caller.tenant, id);
const linkOf = (id: string) => passwordLinks(embedded.table).get(caller.tenant, id);
const textOf = (link: string) => new URL(link).searchParams.get('link') ?? '';
const credentialsOf = (id: string) => userCredentials(embedded.table).get(caller.tenant, id);
const withTotp = async (id: string) => {
  const none = noCredentials(caller.tenant, id);
  const totp = { ciphertext: 'c', createdAt: '2026-11-21T10:00:00.000Z' };
  await userCredentials(embedded.table).update(none, { ...none, passwordHash: 'h', totp, recoveryCodes: ['r'] });
};
const projectAdministrator = { role: 'project_administrator', project: 'PRJ' };

describe('a change of a user', () => {
  it('changes what is given and nothing else, in lists too, and is told of in the audit log', async () => {
    const { id } = await create();
    const before = (await read(id)).body;
    const given = { name: 'Ada King', roles: ['developer', projectAdministrator], status: 'disabled' };
    const answer = await change(id, given);
    expect(answer).toMatchObject({ status: 200, body: { ...before, ...given } });
    expect((await read(id)).body).toEqual(answer.body);
    expect((await list()).body.items).toEqual([answer.body]);
    expect(await stored(id)).toMatchObject({ version: 2, tokenGeneration: 0 });
    const { items } = await auditEventStore(embedded.table).list(caller.tenant, { object: id }, { limit: 1 });
    expect(items).toMatchObject([{ action: 'user.changed' }]);
    expect(items[0]?.changes).toEqual({
      name: { from: before.name, to: given.name },
      roles: { from: before.roles, to: given.roles },
      status: { from: before.status, to: given.status },
    });
  });

  it('of nothing writes nothing', async () => {
    const { id } = await create();
    expect(await change(id, { name: 'Ada' })).toMatchObject({ status: 200 });
    expect(await stored(id)).toMatchObject({ version: 1 });
  });

  it('moves the email with its reservation', async () => {
    const [one, other] = [await create({ email: 'one@example.com' }), await create({ email: 'other@example.com' })];
    expect((await change(one.id, { email: 'Other@example.com' })).status).toBe(409);
    expect((await read(one.id)).body.email).toBe('one@example.com');
    expect((await change(other.id, { email: 'new@example.com' })).status).toBe(200);
    expect((await change(one.id, { email: 'other@example.com' })).status).toBe(200);
    expect((await change(other.id, { email: 'NEW@example.com' })).body.email).toBe('NEW@example.com');
  });

  it.each([
    [{ username: 'new' }, '/username'],
    [{ password: 'Correct horse battery' }, '/password'],
    [{ status: 'suspended' }, '/status'],
    [{ roles: [] }, '/roles'],
    [{ roles: [{ role: 'project_administrator', project: 'NONE' }] }, '/roles/0/project'],
    [{ email: 'ada' }, '/email'],
  ])('%j is refused: it names %s', async (body, pointer) => {
    const { id } = await create();
    expect(await change(id, body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(await stored(id)).toMatchObject({ version: 1 });
  });

  it('ten at once are each made on what the one before left, or refused', async () => {
    const { id } = await create();
    const bodies = Array.from({ length: 10 }, (_, at) => ({ name: `Name ${at}` }));
    const statuses = (await Promise.all(bodies.map((body) => change(id, body)))).map(({ status }) => status);
    expect(new Set([...statuses, 200, 409])).toEqual(new Set([200, 409]));
    const made = statuses.filter((status) => status === 200).length;
    expect(made).toBeGreaterThan(0);
    expect(await stored(id)).toMatchObject({ version: 1 + made });
  });

  it.each([{ email: 'new@example.com' }, { roles: ['member'] }, { status: 'disabled' }])(
    'by who holds less than the user is refused: %j',
    async (body) => {
      const { id } = await create({ roles: ['developer'] });
      expect(await change(id, body, without('applications:manage'))).toMatchObject({
        status: 403,
        body: { missing_rights: ['applications:manage'] },
      });
      expect(await stored(id)).toMatchObject({ version: 1 });
      expect((await change(id, body)).status).toBe(200);
    },
  );

  it('may change the name of who holds more', async () => {
    const { id } = await create({ roles: ['developer'] });
    expect((await change(id, { name: 'Ada King' }, without('applications:manage'))).status).toBe(200);
  });

  it('gives no role with a right that the caller does not hold', async () => {
    const { id } = await create();
    const refused = { status: 403, body: { missing_rights: ['applications:manage'] } };
    expect(await change(id, { roles: ['developer'] }, without('applications:manage'))).toMatchObject(refused);
    expect((await change(id, { roles: ['developer'] })).status).toBe(200);
  });

  it("gives nobody a project's administration without its rights there", async () => {
    const { id } = await create();
    const globally = without('authorizations:decide');
    expect((await change(id, { roles: [projectAdministrator] }, globally)).status).toBe(403);
    const there = { ...globally, projectRights: { PRJ: ['authorizations:decide'] } };
    expect((await change(id, { roles: [projectAdministrator] }, there)).status).toBe(200);
  });

  it.each([{ roles: ['developer'] }, { status: 'disabled' }])('of oneself is refused: %j', async (body) => {
    const { id } = await create();
    const self = { ...caller, subject: id };
    expect((await change(id, body, self)).status).toBe(403);
    expect(await stored(id)).toMatchObject({ version: 1 });
    expect((await change(id, { name: 'Ada King', email: 'own@example.com', roles: ['member'] }, self)).status).toBe(
      200,
    );
  });

  it("of another tenant's user finds none", async () => {
    const { id } = await create();
    expect((await change(id, { name: 'X' }, newCaller(...ofTenant))).status).toBe(404);
  });
});

describe('a password link', () => {
  it('is kept hashed, for 24 hours, and replaces the last one', async () => {
    const { id, password_link } = await create();
    const first = await linkOf(id);
    expect(first?.hash).toBe(hashOf(textOf(password_link)));
    const answer = await newLink(id);
    expect(answer.status).toBe(200);
    const second = await linkOf(id);
    expect(second).toEqual({
      tenant: caller.tenant,
      userId: id,
      hash: hashOf(textOf(answer.body.password_link)),
      expiresAt: answer.body.expires_at,
      generation: 0,
    });
    expect(second?.hash).not.toBe(first?.hash);
    const hours = (Date.parse(answer.body.expires_at) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
  });

  it('is issued by who holds all that the user holds, to themself too', async () => {
    const { id } = await create({ roles: ['developer'] });
    const short = without('applications:manage');
    const refused = { status: 403, body: { missing_rights: ['applications:manage'] } };
    const before = await linkOf(id);
    expect(await newLink(id, short)).toMatchObject(refused);
    expect(await newLink(id, { ...short, subject: id })).toMatchObject(refused);
    expect(await linkOf(id)).toEqual(before);
    expect((await newLink(id, { ...caller, subject: id })).status).toBe(200);
  });

  it("is not issued for another tenant's user, nor for one who is gone", async () => {
    const { id } = await create();
    expect((await newLink(id, newCaller(...ofTenant))).status).toBe(404);
    await remove(id);
    expect((await newLink(id)).status).toBe(404);
    expect(await linkOf(id)).toBeUndefined();
  });
});

describe('a reset of the second factor', () => {
  it('leaves the password, and is told of in the audit log', async () => {
    const { id } = await create();
    await withTotp(id);
    expect((await resetFactor(id)).status).toBe(204);
    const { tenant } = caller;
    expect(await credentialsOf(id)).toEqual({ ...noCredentials(tenant, id), passwordHash: 'h', version: 2 });
    const { items } = await auditEventStore(embedded.table).list(tenant, { object: id }, { limit: 1 });
    expect(items).toMatchObject([{ action: 'user.second_factor_reset', actor: caller.subject }]);
  });

  it('of who has none changes nothing', async () => {
    const { id } = await create();
    expect((await resetFactor(id)).status).toBe(204);
    const { tenant } = caller;
    expect(await credentialsOf(id)).toEqual({ ...noCredentials(tenant, id), version: 1 });
  });

  it('is for who holds all that the user holds', async () => {
    const { id } = await create({ roles: ['developer'] });
    await withTotp(id);
    expect((await resetFactor(id, without('applications:manage'))).status).toBe(403);
    expect((await credentialsOf(id))?.totp).toBeDefined();
    expect((await resetFactor(id, newCaller(...ofTenant))).status).toBe(404);
    expect((await resetFactor(id)).status).toBe(204);
  });
});

it('with a deleted user go credentials and link: one of the same name inherits nothing', async () => {
  const { id } = await create({ username: 'ada' });
  await withTotp(id);
  expect((await remove(id)).status).toBe(204);
  expect(await credentialsOf(id)).toBeUndefined();
  expect(await linkOf(id)).toBeUndefined();
  const next = await create({ username: 'ada' });
  expect(next.id).not.toBe(id);
  expect(await credentialsOf(next.id)).toBeUndefined();
});
