import { describe, expect, it } from 'vitest';
import { maximumSshKeys } from '../../../src/entities/ssh-key.ts';
import { newSshPublicKey } from '../../ssh-public-key.ts';
import { auditedIn, call, newTenant } from './scene.ts';
import { add, caller, clientId, created, key, list, lookUp, remove, scene, withSshKeys } from './ssh-keys-scene.ts';

const stranger = () => ({ ...caller(), subject: 'usr_stranger', rights: ['integrations:manage', 'integrations:read'] });

withSshKeys();

describe('adding', () => {
  it('answers 201 with the fingerprint, in one read and one transaction with its event', async () => {
    const { line, fingerprint } = newSshPublicKey();
    scene().embedded.calls();
    const added = await add({ name: 'Laptop', key: `${line}\n` });
    expect(scene().embedded.calls()).toEqual({ GetItem: 1, TransactWriteItems: 1 });
    const { id } = added.body;
    expect(added).toMatchObject({
      status: 201,
      headers: { Location: `/admin/v1/integrations/${clientId()}/ssh-keys/${id}` },
    });
    const shown = { id, fingerprint, type: 'ssh-ed25519', name: 'Laptop', created_at: expect.any(String) };
    expect(added.body).toEqual(shown);
    expect(await list()).toEqual([shown]);
    expect((await call(caller(), `GET /integrations/${clientId()}/ssh-keys/${id}`)).body).toEqual(shown);
    expect((await auditedIn(scene(), caller()))[0]).toMatchObject({
      action: 'ssh_key.added',
      object: clientId(),
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
    const elsewhere = await newTenant(scene(), 'integrations:manage', 'integrations:read', 'issues:read');
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
    expect(await add(undefined, clientId(), stranger())).toMatchObject({
      status: 403,
      body: { missing_rights: ['issues:read'] },
    });
    expect(await list()).toEqual([]);
    expect((await add(undefined, clientId(), { ...stranger(), rights: caller().rights })).status).toBe(201);
  });

  it('a refusal is told to the log, without the key that was sent', async () => {
    const { line } = newSshPublicKey();
    await add({ name: 'Laptop', key: line }, clientId(), stranger());
    const [event] = await auditedIn(scene(), caller());
    expect(event).toMatchObject({ action: 'ssh_key.refused', object: clientId(), actor: 'usr_stranger' });
    expect(JSON.stringify(event)).not.toContain(line.split(' ')[1]);
  });

  it('404: to no integration', async () => {
    expect((await add(undefined, `${clientId().slice(0, -1)}_`)).status).toBe(404);
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
    expect((await call(caller(), `GET /integrations/${clientId().slice(0, -1)}_/ssh-keys`)).status).toBe(404);
    const gone = `${clientId().slice(0, -4)}0000`;
    expect((await call(caller(), `GET /integrations/${gone}/ssh-keys`)).status).toBe(404);
    expect((await call(caller(), `GET /integrations/${gone}/ssh-keys/ssh_${'0'.repeat(22)}`)).status).toBe(404);
  });

  it('comes in pages', async () => {
    const ids = [(await add()).body.id, (await add()).body.id].sort();
    const first = await call(caller(), `GET /integrations/${clientId()}/ssh-keys?limit=1`);
    expect(first.body.items).toEqual([expect.objectContaining({ id: ids[0] })]);
    const rest = await call(caller(), `GET /integrations/${clientId()}/ssh-keys?cursor=${first.body.next_cursor}`);
    expect(rest.body).toEqual({ items: [expect.objectContaining({ id: ids[1] })] });
  });
});

describe('revoking', () => {
  it('answers 204, in one read and one transaction with its event; the key is free again', async () => {
    const { line, fingerprint } = newSshPublicKey();
    const { id } = (await add({ name: 'Laptop', key: line })).body;
    scene().embedded.calls();
    expect((await remove(id)).status).toBe(204);
    expect(scene().embedded.calls()).toEqual({ GetItem: 1, TransactWriteItems: 1 });
    expect(await list()).toEqual([]);
    expect((await lookUp(fingerprint)).status).toBe(404);
    expect((await call(caller(), `GET /integrations/${clientId()}/ssh-keys/${id}`)).status).toBe(404);
    expect((await auditedIn(scene(), caller()))[0]).toMatchObject({
      action: 'ssh_key.revoked',
      object: clientId(),
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
    expect((await call(caller(), `DELETE /integrations/${clientId()}`)).status).toBe(204);
    expect((await lookUp(fingerprint)).status).toBe(404);
    const { items } = await scene().embedded.table.query({ partition: `SSH_KEY#${caller().tenant}#${clientId()}#` });
    expect(items).toEqual([]);
    expect((await add({ name: 'Laptop', key: line }, await created('Heir'))).status).toBe(201);
  });
});
