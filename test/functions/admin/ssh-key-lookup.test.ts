import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applicationKey } from '../../../src/adapters/dynamodb/application.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { projectItemKey } from '../../../src/adapters/dynamodb/project.ts';
import { projectRightsItem } from '../../../src/adapters/dynamodb/project-rights.ts';
import { tenantStandingItem } from '../../../src/adapters/dynamodb/tenant.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { newSshPublicKey } from '../../ssh-public-key.ts';
import { call, newProjects, newTenant, storedIntegration } from './scene.ts';
import { add, caller, clientId, list, lookUp, scene, withSshKeys } from './ssh-keys-scene.ts';

withSshKeys();
afterEach(() => {
  vi.useRealTimers();
});

/** The integration as it is stored, with these members instead of its own. */
async function changed(members: Partial<Integration>): Promise<void> {
  const stored = await storedIntegration(scene(), caller(), clientId());
  if (stored === undefined) throw new Error('no integration');
  await scene().embedded.table.put(integrationItem({ ...stored, ...members }));
}

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
      integration: { client_id: clientId(), name: 'Sync', status: 'active' },
      rights: [{ right: 'issues:read', context: 'global' }],
    });
  });

  it('takes the fingerprint with - and _ in place of + and / too', async () => {
    while (!/[+/]/.test(fingerprint)) {
      const next = newSshPublicKey();
      ({ fingerprint } = next);
      await call(caller(), `DELETE /integrations/${clientId()}/ssh-keys/${(await list())[0].id}`);
      await add({ name: 'Laptop', key: next.line });
    }
    expect((await lookUp(fingerprint)).status).toBe(200);
    expect((await lookUp(fingerprint.replaceAll('+', '-').replaceAll('/', '_'))).status).toBe(200);
  });

  it('names what is granted in single projects, save those that were deleted', async () => {
    await newProjects(scene(), caller(), 'ONE');
    await changed({ rights: {}, projectGrants: { count: 2, listed: issuesIn('ONE', 'GONE') } });
    const { body } = await lookUp(fingerprint);
    expect(body.rights).toEqual([inProject('ONE')]);
    expect(body).not.toHaveProperty('unnamed_projects');
    await newProjects(scene(), caller(), 'GONE');
    expect((await lookUp(fingerprint)).body.rights).toEqual([inProject('ONE'), inProject('GONE')]);
  });

  it('with a project answers for that one, from the rows of the moment', async () => {
    for (const project of ['ONE', 'TWO', 'GONE']) {
      const rights = { tenant: caller().tenant, clientId: clientId(), project, rights: granted, version: 1 };
      await scene().embedded.table.put(projectRightsItem(rights));
      if (project !== 'GONE') await scene().embedded.table.put({ ...projectItemKey(caller().tenant, project) });
    }
    await changed({ rights: {}, projectGrants: { count: 10_000 } });
    expect((await lookUp(fingerprint)).body).toMatchObject({ rights: [], unnamed_projects: 10_000 });
    expect((await lookUp(fingerprint, { project: 'TWO' })).body.rights).toEqual([inProject('TWO')]);
    expect((await lookUp(fingerprint, { project: 'GONE' })).body.rights).toEqual([]);
    expect((await lookUp(fingerprint, { project: 'NEVER' })).body.rights).toEqual([]);
    expect((await lookUp(fingerprint, { project: 'no key' })).status).toBe(400);
  });

  it('404: while the integration is disabled', async () => {
    await call(caller(), `POST /integrations/${clientId()}/disable`);
    expect((await lookUp(fingerprint)).status).toBe(404);
    await call(caller(), `POST /integrations/${clientId()}/enable`);
    expect((await lookUp(fingerprint)).status).toBe(200);
  });

  it('404: while the tenant is suspended', async () => {
    const standing = (status: 'active' | 'suspended') =>
      scene().embedded.table.put(tenantStandingItem({ tenant: caller().tenant, status, operator: false }));
    await standing('suspended');
    expect((await lookUp(fingerprint)).status).toBe(404);
    await standing('active');
    expect((await lookUp(fingerprint)).status).toBe(200);
  });

  it('404: once the application of the connection is stopped; what it asks for no more is not answered', async () => {
    const app = `app_${caller().tenant.slice(4)}${'0'.repeat(22)}`;
    const accepted = { id: app, acceptedVersion: 1, rights: { 'issues:read': { since: 1 } } };
    await changed({ application: accepted });
    await call(caller(), `DELETE /integrations/${clientId()}/ssh-keys/${id}`);
    await add({ name: 'Laptop', key: line });
    const application = (status: string, rights: object) =>
      scene().embedded.table.put({ ...applicationKey(app), status, rights });
    await application('published', { 'issues:read': { reason: 'why', since: 1 } });
    expect((await lookUp(fingerprint)).body.rights).toHaveLength(1);
    await application('published', { 'issues:read': { reason: 'why', since: 2 } });
    expect((await lookUp(fingerprint)).body.rights).toEqual([]);
    await application('banned', { 'issues:read': { reason: 'why', since: 1 } });
    expect((await lookUp(fingerprint)).status).toBe(404);
  });

  it('404: in another tenant, and what is no fingerprint', async () => {
    const elsewhere = await newTenant(scene(), 'integrations:read');
    expect((await lookUp(fingerprint, {}, elsewhere)).status).toBe(404);
    expect((await lookUp(`${fingerprint}=`)).status).toBe(404);
    expect((await lookUp('SHA256:#')).status).toBe(404);
  });

  it('costs two reads, and one write an hour', async () => {
    scene().embedded.calls();
    await lookUp(fingerprint);
    expect(scene().embedded.calls()).toEqual({ GetItem: 1, BatchGetItem: 1, TransactWriteItems: 1 });
    await lookUp(fingerprint);
    expect(scene().embedded.calls()).toEqual({ GetItem: 1, BatchGetItem: 1 });
    const [first] = await list();
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
    await lookUp(fingerprint);
    const [second] = await list();
    expect(Date.parse(second.last_used_at) - Date.parse(first.last_used_at)).toBe(3_600_000);
  });
});
