import { describe, expect, it } from 'vitest';
import { integrationKey } from '../../../src/adapters/dynamodb/integration.ts';
import { ask, create, decide, decideMany, rights, statesOf } from './authorizations-calls.ts';
import { administrator, registrar, scene, somebody, withPeople } from './authorizations-scene.ts';
import { auditedIn, storedIntegration } from './scene.ts';

withPeople();

const globally = { context: 'global', rights: ['users:read'] };

describe('many decisions at once', () => {
  it('are answered separately, in their order', async () => {
    const [one, two] = [await create(['users:read']), await create(['users:read'])];
    await ask(one, ['PRJ', 'OTHER'], ['issues:read']);
    const first = administrator();
    await decide(first, two, { ...globally, decision: 'decline' });
    const by = somebody(['authorizations:decide', 'users:read'], { PRJ: ['issues:read'] });
    const grant = { rights: ['issues:read'], decision: 'grant' };
    const { status, body } = await decideMany(by, [
      { client_id: one, ...grant, project: 'PRJ' },
      { client_id: two, ...globally, decision: 'grant' },
      { client_id: one, ...globally, decision: 'grant', comment: 'Agreed.' },
      { client_id: one, ...grant, context: { project: 'OTHER' } },
      { client_id: 'int_none', ...globally, decision: 'grant' },
    ]);
    expect(status).toBe(200);
    expect(body.results).toEqual([
      { client_id: one, context: { project: 'PRJ' }, rights: ['issues:read'], decision: 'grant', status: 200 },
      {
        ...{ client_id: two, context: 'global', rights: ['users:read'], decision: 'grant', status: 409 },
        detail: `users:read was declined by ${first.subject}.`,
        decided_by: first.subject,
      },
      { client_id: one, context: 'global', rights: ['users:read'], decision: 'grant', status: 200 },
      {
        ...{ client_id: one, context: { project: 'OTHER' }, rights: ['issues:read'], decision: 'grant', status: 403 },
        detail: expect.any(String),
        missing_rights: ['issues:read'],
      },
      {
        ...{ client_id: 'int_none', context: 'global', rights: ['users:read'], decision: 'grant', status: 404 },
        detail: expect.any(String),
      },
    ]);
    expect(statesOf(await rights(one))).toEqual([
      'users:read everywhere: granted',
      'issues:read in OTHER: pending',
      'issues:read in PRJ: granted',
    ]);
    const refused = (await auditedIn(scene(), registrar())).filter(({ action }) => action === 'authorization.refused');
    expect(refused.map(({ object, changes }) => ({ object, changes }))).toEqual([
      {
        object: one,
        changes: {
          operation: 'decideAuthorizations',
          asked: { context: { project: 'OTHER' }, rights: ['issues:read'], decision: 'grant' },
          missing_rights: ['issues:read'],
        },
      },
    ]);
  });

  it('are all at an end when a fault of ours in one of them is answered', async () => {
    const [broken, ...others] = [
      await create(['users:read']),
      await create(['users:read']),
      await create(['users:read']),
    ];
    const { table } = scene().embedded;
    const key = integrationKey(registrar().tenant, broken ?? '');
    const stored = await table.get(key);
    await table.put({ ...stored, ...key, rights: 'broken' });
    const decisions = [broken, ...others].map((client_id) => ({ client_id, ...globally, decision: 'grant' }));
    expect((await decideMany(administrator(), decisions)).status).toBe(500);
    // Read at once: nothing is under way any more.
    for (const id of others)
      expect((await storedIntegration(scene(), registrar(), id))?.rights['users:read']?.state).toBe('granted');
    await table.put({ ...stored, ...key });
    expect((await decideMany(administrator(), decisions.slice(0, 1))).body.results[0].status).toBe(200);
  });

  it('400: none, too many, or one that does not validate; then none is decided', async () => {
    const id = await create(['users:read']);
    const good = { client_id: id, ...globally, decision: 'grant' };
    for (const decisions of [
      [],
      Array(26).fill(good),
      [good, { ...good, decision: 'approve' }],
      [good, { ...good, rights: ['tenants:manage'] }],
    ])
      expect((await decideMany(administrator(), decisions)).status).toBe(400);
    expect(statesOf(await rights(id))).toEqual(['users:read everywhere: pending']);
    expect((await decideMany(administrator(), [good])).body.results[0].status).toBe(200);
  });
});
