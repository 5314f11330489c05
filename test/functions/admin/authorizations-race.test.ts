import { describe, expect, it } from 'vitest';
import type { Answered } from '../deployment.ts';
import { ask, create, decide, rights, statesOf, withdraw } from './authorizations-calls.ts';
import { administrator, projectAdministrator, registrar, scene, withPeople } from './authorizations-scene.ts';
import { auditedIn, newProjects, storedIntegration } from './scene.ts';

withPeople();

const globally = { context: 'global', rights: ['users:read'] };
const ten = Array.from({ length: 10 }, (_, index) => index);
const statuses = (answers: readonly Answered[]) => answers.map(({ status }) => status).sort();

describe('of approvers at once', () => {
  it('on one right exactly one decides, and every other is told who it was', async () => {
    const id = await create(['users:read']);
    const approvers = ten.map(() => administrator());
    const answers = await Promise.all(approvers.map((by) => decide(by, id, { ...globally, decision: 'grant' })));
    expect(statuses(answers)).toEqual([200, ...Array(9).fill(409)]);
    const winner = answers.find(({ status }) => status === 200)?.body.items[0].decided_by;
    for (const { body } of answers.filter(({ status }) => status === 409)) expect(body.decided_by).toBe(winner);
    expect((await rights(id)).body.items[0]).toMatchObject({ state: 'granted', decided_by: winner });
    const granted = (await auditedIn(scene(), registrar())).filter(({ action }) => action === 'right.granted');
    expect(granted.map(({ actor }) => actor)).toEqual([winner]);
  });

  it('in one project, where some grant and some decline, likewise', async () => {
    const id = await create();
    await ask(id, ['PRJ'], ['issues:read']);
    const answers = await Promise.all(
      ten.map((index) =>
        decide(projectAdministrator('PRJ'), id, {
          project: 'PRJ',
          rights: ['issues:read'],
          decision: index % 2 === 0 ? 'grant' : 'decline',
        }),
      ),
    );
    expect(statuses(answers)).toEqual([200, ...Array(9).fill(409)]);
    const [decided] = answers.filter(({ status }) => status === 200);
    const [{ state, decided_by }] = decided?.body.items ?? [{}];
    expect((await rights(id)).body.items[1]).toMatchObject({ state, decided_by });
    for (const { body } of answers.filter(({ status }) => status === 409))
      expect(body.detail).toBe(`issues:read was ${state} by ${decided_by}.`);
    const grants = (await storedIntegration(scene(), registrar(), id))?.projectGrants;
    expect(grants?.count).toBe(state === 'granted' ? 1 : 0);
  });

  it('in ten different projects all decide', async () => {
    const projects = ten.map((index) => `P${index + 10}`);
    await newProjects(scene(), registrar(), ...projects);
    const id = await create();
    await ask(id, projects, ['issues:read']);
    const answers = await Promise.all(
      projects.map((project) =>
        decide(projectAdministrator(project), id, { project, rights: ['issues:read'], decision: 'grant' }),
      ),
    );
    expect(statuses(answers)).toEqual(Array(10).fill(200));
    expect((await storedIntegration(scene(), registrar(), id))?.projectGrants).toEqual({
      count: 10,
      listed: Object.fromEntries(projects.map((project) => [project, ['issues:read']])),
    });
  });

  it('one that meets a withdrawal loses to it or is withdrawn with it, and nothing stays granted', async () => {
    const id = await create();
    for (const _ of ten) {
      await ask(id, ['PRJ'], ['issues:read']);
      const [decided, withdrawn] = await Promise.all([
        decide(projectAdministrator('PRJ'), id, { project: 'PRJ', rights: ['issues:read'], decision: 'grant' }),
        withdraw(id, 'PRJ'),
      ]);
      expect([200, 409]).toContain(decided.status);
      expect(withdrawn.status).toBe(204);
      expect(statesOf(await rights(id))).toEqual(['boards:read everywhere: granted']);
      expect((await storedIntegration(scene(), registrar(), id))?.projectGrants).toEqual({ count: 0, listed: {} });
    }
  });
});

it('ten who ask at once ask once', async () => {
  const id = await create();
  const answers = await Promise.all(ten.map(() => ask(id, ['PRJ', 'OTHER'], ['issues:read'])));
  expect(statuses(answers)).toEqual(Array(10).fill(200));
  const requested = (await auditedIn(scene(), registrar())).filter(({ action }) => action === 'right.requested');
  expect(requested).toHaveLength(1);
});
