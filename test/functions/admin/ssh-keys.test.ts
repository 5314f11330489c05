import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/admin/ssh-keys.ts';
import { applicationKey } from '../../../src/adapters/dynamodb/application.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { projectItemKey } from '../../../src/adapters/dynamodb/project.ts';
import { projectRightsItem } from '../../../src/adapters/dynamodb/project-rights.ts';
import { tenantStandingItem } from '../../../src/adapters/dynamodb/tenant.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { maximumSshKeys } from '../../../src/entities/ssh-key.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { newSshPublicKey } from '../../ssh-public-key.ts';
import { callHandler } from '../deployment.ts';
import { auditedIn, call, deployAdmin, newTenant, type Scene, storedIntegration } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());

let caller: AuthorizerContext;
let clientId: string;
const key = () => newSshPublicKey().line;
beforeEach(async () => {
  caller = await newTenant(scene, 'integrations:manage', 'integrations:read', 'issues:read');
  clientId = await created('Sync');
});
afterEach(() => {
  vi.useRealTimers();
});

async function created(name: string, by = caller): Promise<string> {
  return (await call(by, 'POST /integrations', { name, rights: ['issues:read'] })).body.client_id;
}

const add = (body: unknown = { name: 'Laptop', key: key() }, to = clientId, by = caller) =>
  call(by, `POST /integrations/${to}/ssh-keys`, body);
const list = async (of = clientId) => (await call(caller, `GET /integrations/${of}/ssh-keys`)).body.items;
const remove = (id: string, by = caller) => call(by, `DELETE /integrations/${clientId}/ssh-keys/${id}`);
const stranger = () => ({ ...caller, subject: 'usr_stranger', rights: ['integrations:manage', 'integrations:read'] });
const sshKeys = callHandler(handler);
const lookUp = (fingerprint: string, query: Record<string, string> = {}, by = caller) =>
  sshKeys('GET /v1/ssh-keys/{fingerprint}', { caller: by, path: { fingerprint }, query });

/** The integration as it is stored, with these members instead of its own. */
async function changed(members: Partial<Integration>): Promise<void> {
  const stored = await storedIntegration(scene, caller, clientId);
  if (stored === undefined) throw new Error('no integration');
  await scene.embedded.table.put(integrationItem({ ...stored, ...members }));
}

describe('adding', () => {
  it('answers 201 with the fingerprint, in one read and one transaction with its event', async () => {
    const { line, fingerprint } = newSshPublicKey();
    scene.embedded.calls();
    const added = await add({ name: 'Laptop', key: `${line}\n` });
    expect(scene.embedded.calls()).toEqual({ GetItem: 1, TransactWriteItems: 1 });
    const { id } = added.body;
    expect(added).toMatchObject({
      status: 201,
      headers: { Location: `/admin/v1/integrations/${clientId}/ssh-keys/${id}` },
    });
    const shown = { id, fingerprint, type: 'ssh-ed25519', name: 'Laptop', created_at: expect.any(String) };
    expect(added.body).toEqual(shown);
    expect(await list()).toEqual([shown]);
    expect((await call(caller, `GET /integrations/${clientId}/ssh-keys/${id}`)).body).toEqual(shown);
    expect((await auditedIn(scene, caller))[0]).toMatchObject({
      action: 'ssh_key.added',
      object: clientId,
      changes: { ssh_key: id, fingerprint, name: 'Laptop', type: 'ssh-ed25519' },
    });
  });

  it('409: the same key twice in the tenant, whoever has it; in another tenant it is another key', async () => {
    const body = { name: 'Laptop', key: key() };
    expect((await add(body)).status).toBe(201);
    expect((await add(body)).status).toBe(409);
    const other = await created('Other');
    expect((await add(body, other)).status).toBe(409);
    expect(await list(other)).toEqual([]);
    const elsewhere = await newTenant(scene, 'integrations:manage', 'integrations:read', 'issues:read');
    expect((await add(body, await created('Sync', elsewhere), elsewhere)).status).toBe(201);
  });

  it('of ten integrations that add one key at once, one has it', async () => {
    const body = { name: 'Laptop', key: key() };
    const integrations = await Promise.all(Array.from({ length: 10 }, (_, index) => created(`Number ${index}`)));
    const statuses = (await Promise.all(integrations.map((to) => add(body, to)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    const lists = await Promise.all(integrations.map(list));
    expect(lists.flat()).toHaveLength(1);
  });

  it('409: more keys than an integration may have, until one is revoked', async () => {
    for (let count = 0; count < maximumSshKeys; count++) expect((await add()).status).toBe(201);
    expect(await add()).toMatchObject({ status: 409, body: { detail: expect.stringContaining('20 SSH keys') } });
    expect((await remove((await list())[0].id)).status).toBe(204);
    expect((await add()).status).toBe(201);
  });

  it('403: for whoever is not its owner and does not hold all that it was granted', async () => {
    expect(await add(undefined, clientId, stranger())).toMatchObject({
      status: 403,
      body: { missing_rights: ['issues:read'] },
    });
    expect(await list()).toEqual([]);
    expect((await add(undefined, clientId, { ...stranger(), rights: caller.rights })).status).toBe(201);
  });

  it('a refusal is told to the log, without the key that was sent', async () => {
    const { line } = newSshPublicKey();
    await add({ name: 'Laptop', key: line }, clientId, stranger());
    const [event] = await auditedIn(scene, caller);
    expect(event).toMatchObject({ action: 'ssh_key.refused', object: clientId, actor: 'usr_stranger' });
    expect(JSON.stringify(event)).not.toContain(line.split(' ')[1]);
  });

  it('404: to no integration', async () => {
    expect((await add(undefined, `${clientId.slice(0, -1)}_`)).status).toBe(404);
  });

  it.each([
    [{ key: key() }, '/name'],
    [{ name: '', key: key() }, '/name'],
    [{ name: 'Laptop' }, '/key'],
    [{ name: 'Laptop', key: 'ssh-dss AAAA' }, '/key'],
    [{ name: 'Laptop', key: `no-pty ${key()}` }, '/key'],
    [{ name: 'Laptop', key: `${key()}\n${key()}` }, '/key'],
    [{ name: 'Laptop', key: `ssh-rsa ${'A'.repeat(8000)}` }, '/key'],
    [{ name: 'Laptop', key: key(), comment: '' }, '/comment'],
  ])('400: %j', async (body, pointer) => {
    expect(await add(body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(await list()).toEqual([]);
  });
});

describe('listing', () => {
  it('404: of no integration', async () => {
    expect((await call(caller, `GET /integrations/${clientId.slice(0, -1)}_/ssh-keys`)).status).toBe(404);
    const gone = `${clientId.slice(0, -4)}0000`;
    expect((await call(caller, `GET /integrations/${gone}/ssh-keys`)).status).toBe(404);
    expect((await call(caller, `GET /integrations/${gone}/ssh-keys/ssh_${'0'.repeat(22)}`)).status).toBe(404);
  });

  it('comes in pages', async () => {
    const ids = [(await add()).body.id, (await add()).body.id].sort();
    const first = await call(caller, `GET /integrations/${clientId}/ssh-keys?limit=1`);
    expect(first.body.items).toEqual([expect.objectContaining({ id: ids[0] })]);
    const rest = await call(caller, `GET /integrations/${clientId}/ssh-keys?cursor=${first.body.next_cursor}`);
    expect(rest.body).toEqual({ items: [expect.objectContaining({ id: ids[1] })] });
  });
});

describe('revoking', () => {
  it('answers 204, in one read and one transaction with its event; the key is free again', async () => {
    const { line, fingerprint } = newSshPublicKey();
    const { id } = (await add({ name: 'Laptop', key: line })).body;
    scene.embedded.calls();
    expect((await remove(id)).status).toBe(204);
    expect(scene.embedded.calls()).toEqual({ GetItem: 1, TransactWriteItems: 1 });
    expect(await list()).toEqual([]);
    expect((await lookUp(fingerprint)).status).toBe(404);
    expect((await call(caller, `GET /integrations/${clientId}/ssh-keys/${id}`)).status).toBe(404);
    expect((await auditedIn(scene, caller))[0]).toMatchObject({
      action: 'ssh_key.revoked',
      object: clientId,
      changes: { ssh_key: id, fingerprint },
    });
    expect((await add({ name: 'Laptop', key: line }, await created('Other'))).status).toBe(201);
  });

  it('404: what is not there, twice the same included', async () => {
    const { id } = (await add()).body;
    expect((await remove(`${id}0`)).status).toBe(404);
    expect((await remove(id)).status).toBe(204);
    expect((await remove(id)).status).toBe(404);
  });

  it('403: for whoever lacks its rights', async () => {
    const { id } = (await add()).body;
    expect((await remove(id, stranger())).status).toBe(403);
    expect(await list()).toHaveLength(1);
  });

  it('of an integration that is deleted takes all its keys, however many', async () => {
    const { line, fingerprint } = newSshPublicKey();
    await add({ name: 'Laptop', key: line });
    for (let count = 1; count < maximumSshKeys; count++) await add();
    expect((await call(caller, `DELETE /integrations/${clientId}`)).status).toBe(204);
    expect((await lookUp(fingerprint)).status).toBe(404);
    const { items } = await scene.embedded.table.query({ partition: `SSH_KEY#${caller.tenant}#${clientId}#` });
    expect(items).toEqual([]);
    clientId = await created('Heir');
    expect((await add({ name: 'Laptop', key: line })).status).toBe(201);
  });
});

describe('looking up', () => {
  let fingerprint: string;
  let line: string;
  let id: string;
  beforeEach(async () => {
    ({ line, fingerprint } = newSshPublicKey('nobody sees this'));
    id = (await add({ name: 'Laptop', key: line })).body.id;
  });

  const granted = { 'issues:read': { state: 'granted', requestedBy: 'usr_1' } } as const;
  const issuesIn = (...projects: readonly string[]) =>
    Object.fromEntries(projects.map((project) => [project, ['issues:read']]));
  const inProject = (project: string) => ({ right: 'issues:read', context: { project } });

  it('answers the integration, its rights and the key', async () => {
    const [type, blob] = line.split(' ');
    expect(await lookUp(fingerprint)).toMatchObject({ status: 200 });
    expect((await lookUp(fingerprint)).body).toEqual({
      id,
      fingerprint,
      type,
      name: 'Laptop',
      created_at: expect.any(String),
      last_used_at: expect.any(String),
      key: `${type} ${blob}`,
      integration: { client_id: clientId, name: 'Sync', status: 'active' },
      rights: [{ right: 'issues:read', context: 'global' }],
    });
  });

  it('takes the fingerprint with - and _ in place of + and / too', async () => {
    while (!/[+/]/.test(fingerprint)) {
      const next = newSshPublicKey();
      ({ fingerprint } = next);
      await call(caller, `DELETE /integrations/${clientId}/ssh-keys/${(await list())[0].id}`);
      await add({ name: 'Laptop', key: next.line });
    }
    expect((await lookUp(fingerprint)).status).toBe(200);
    expect((await lookUp(fingerprint.replaceAll('+', '-').replaceAll('/', '_'))).status).toBe(200);
  });

  it('names what is granted in single projects', async () => {
    await changed({ rights: {}, projectGrants: { count: 1, listed: issuesIn('ONE') } });
    expect((await lookUp(fingerprint)).body.rights).toEqual([inProject('ONE')]);
  });

  it('with a project answers for that one, from the rows of the moment', async () => {
    for (const project of ['ONE', 'TWO', 'GONE']) {
      const rights = { tenant: caller.tenant, clientId, project, rights: granted, version: 1 };
      await scene.embedded.table.put(projectRightsItem(rights));
      if (project !== 'GONE') await scene.embedded.table.put({ ...projectItemKey(caller.tenant, project) });
    }
    await changed({ rights: {}, projectGrants: { count: 10_000 } });
    expect((await lookUp(fingerprint)).body).toMatchObject({ rights: [], unnamed_projects: 10_000 });
    expect((await lookUp(fingerprint, { project: 'TWO' })).body.rights).toEqual([inProject('TWO')]);
    expect((await lookUp(fingerprint, { project: 'GONE' })).body.rights).toEqual([]);
    expect((await lookUp(fingerprint, { project: 'NEVER' })).body.rights).toEqual([]);
    expect((await lookUp(fingerprint, { project: 'no key' })).status).toBe(400);
  });

  it('404: while the integration is disabled', async () => {
    await call(caller, `POST /integrations/${clientId}/disable`);
    expect((await lookUp(fingerprint)).status).toBe(404);
    await call(caller, `POST /integrations/${clientId}/enable`);
    expect((await lookUp(fingerprint)).status).toBe(200);
  });

  it('404: while the tenant is suspended', async () => {
    const standing = (status: 'active' | 'suspended') =>
      scene.embedded.table.put(tenantStandingItem({ tenant: caller.tenant, status, operator: false }));
    await standing('suspended');
    expect((await lookUp(fingerprint)).status).toBe(404);
    await standing('active');
    expect((await lookUp(fingerprint)).status).toBe(200);
  });

  it('404: once the application of the connection is stopped; what it asks for no more is not answered', async () => {
    const app = `app_${caller.tenant.slice(4)}${'0'.repeat(22)}`;
    const accepted = { id: app, acceptedVersion: 1, rights: { 'issues:read': { since: 1 } } };
    await changed({ application: accepted });
    await call(caller, `DELETE /integrations/${clientId}/ssh-keys/${id}`);
    await add({ name: 'Laptop', key: line });
    const application = (status: string, rights: object) =>
      scene.embedded.table.put({ ...applicationKey(app), status, rights });
    await application('published', { 'issues:read': { reason: 'why', since: 1 } });
    expect((await lookUp(fingerprint)).body.rights).toHaveLength(1);
    await application('published', { 'issues:read': { reason: 'why', since: 2 } });
    expect((await lookUp(fingerprint)).body.rights).toEqual([]);
    await application('banned', { 'issues:read': { reason: 'why', since: 1 } });
    expect((await lookUp(fingerprint)).status).toBe(404);
  });

  it('404: in another tenant, and what is no fingerprint', async () => {
    const elsewhere = await newTenant(scene, 'integrations:read');
    expect((await lookUp(fingerprint, {}, elsewhere)).status).toBe(404);
    expect((await lookUp(`${fingerprint}=`)).status).toBe(404);
    expect((await lookUp('SHA256:#')).status).toBe(404);
  });

  it('costs two reads, and one write an hour', async () => {
    scene.embedded.calls();
    await lookUp(fingerprint);
    expect(scene.embedded.calls()).toEqual({ GetItem: 1, BatchGetItem: 1, TransactWriteItems: 1 });
    await lookUp(fingerprint);
    expect(scene.embedded.calls()).toEqual({ GetItem: 1, BatchGetItem: 1 });
    const [first] = await list();
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
    await lookUp(fingerprint);
    const [second] = await list();
    expect(Date.parse(second.last_used_at) - Date.parse(first.last_used_at)).toBe(3_600_000);
  });
});
