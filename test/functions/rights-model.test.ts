import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { handler as removeRights } from '../../functions/deployment/rights-removals.ts';
import {
  type Asked,
  type Bearer,
  everywhere,
  projectLevel,
  type Right,
  RightsModel,
  type Role,
  rightsInQuestion,
  type Target,
  type Token,
} from './rights-model.ts';
import { deployRights, newRightsWorld, type RightsDeployment, type RightsWorld } from './rights-world.ts';

let deployment: RightsDeployment;
beforeAll(async () => {
  deployment = await deployRights();
}, 60_000);
afterAll(() => deployment.close());

const keys = ['AAA', 'BBB', 'CCC'] as const;
const project = fc.constantFrom('AAA', 'AAA', 'BBB', 'CCC');
const right = fc.constantFrom<Right>(...rightsInQuestion);
const inProjects = fc.constantFrom<Right>(...projectLevel);
const target = fc.constantFrom<Target>('X', 'X', 'Y');
const bearer = fc.constantFrom<Bearer>('X', 'X', 'X', 'Y', 'ada', 'bob', 'bob');
/** Which of the tokens that are out: mostly one of the first, which may do much. */
const by = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 4 }) }, { weight: 2, arbitrary: fc.nat({ max: 1000 }) });
const asked: fc.Arbitrary<Asked> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('all' as const) },
  { weight: 1, arbitrary: fc.record({ right }) },
  { weight: 1, arbitrary: fc.record({ right: inProjects, project }) },
);
const role = fc.oneof<fc.Arbitrary<Role>[]>(
  fc.constantFrom<Role>('administrator', 'member'),
  fc.record({ administers: project }),
);
const some = <T>(each: fc.Arbitrary<T>, maxLength: number) => fc.uniqueArray(each, { minLength: 1, maxLength });

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('issue' as const), bearer, asked }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), by, target, rights: some(right, 3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      ...{ by, target, projects: some(project, 2), rights: some(inProjects, 3) },
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      ...{ by, target, context: fc.option(project, { nil: everywhere }), rights: some(right, 2) },
      // Mostly about something that may be decided.
      aim: fc.option(fc.nat({ max: 1000 }), { freq: 9, nil: undefined }),
      decision: fc.constantFrom('grant', 'grant', 'grant', 'decline', 'revoke'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), by, target, project }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('roles' as const),
      person: fc.constantFrom('ada', 'bob', 'bob'),
      roles: fc.uniqueArray(role, { minLength: 1, maxLength: 2, selector: (each) => JSON.stringify(each) }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), project }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), project }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('disable' as const, 'enable' as const), target }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A token that is out, as the model and as a client has it. */
interface Out {
  readonly token: Token;
  readonly text: string;
}

interface Run {
  readonly model: RightsModel;
  readonly world: RightsWorld;
  readonly admin: Out;
  readonly out: Out[];
}

const succeeded = ({ status }: { readonly status: number }) => status < 300;

async function issue({ model, world, out }: Pick<Run, 'model' | 'world' | 'out'>, who: Bearer, what: Asked) {
  const [token, text] = [model.issue(who, what), await world.issue(who, what)];
  expect({ who, what, issued: text !== undefined }).toEqual({ who, what, issued: token !== undefined });
  if (token !== undefined && text !== undefined) out.push({ token, text });
}

/** Does a step in both; whether it succeeded in each. */
async function done(
  run: Run,
  each: Step,
): Promise<{ readonly actual: boolean; readonly expected: boolean; readonly by?: Token }> {
  const { model, world, admin, out } = run;
  const { call } = deployment;
  const caller = 'by' in each ? (out[each.by % out.length] ?? admin) : admin;
  const { token, text } = caller;
  const named = 'target' in each ? { client_id: world.named(token.bearer, each.target) } : undefined;
  const both = (expected: boolean, actual: { readonly status: number }) => ({
    expected,
    actual: succeeded(actual),
    by: token,
  });
  switch (each.do) {
    case 'issue':
      await issue(run, each.bearer, each.asked);
      return { expected: true, actual: true };
    case 'set': {
      const { rights } = each;
      return both(
        model.setRights(token, each.target, rights),
        await call(text, 'setIntegrationRights', named, { rights }),
      );
    }
    case 'ask': {
      const { projects, rights } = each;
      return both(
        model.askInProjects(token, each.target, projects, rights),
        await call(text, 'requestProjectRights', named, { projects, rights }),
      );
    }
    case 'decide': {
      const { target: whose, context, rights, decision } = aimed(model, each);
      const where = context === everywhere ? { context: 'global' } : { project: context };
      return both(
        model.decide(token, whose, context, rights, decision),
        await call(text, 'decideAuthorization', { client_id: world.clientIdOf(whose) }, { ...where, rights, decision }),
      );
    }
    case 'withdraw': {
      const path = { client_id: world.clientIdOf(each.target), project: each.project };
      return both(model.withdraw(token, each.target, each.project), await call(text, 'withdrawFromProject', path));
    }
    case 'roles':
      return both(model.setRoles(each.person, each.roles), await world.setRoles(admin.text, each.person, each.roles));
    case 'add':
      return both(
        model.addProject(each.project),
        await call(admin.text, 'createProject', {}, { key: each.project, name: each.project }),
      );
    case 'remove':
      return both(
        model.removeProject(each.project),
        await call(admin.text, 'deleteProject', { project: each.project }),
      );
    case 'clear':
      model.removeRights();
      await removeRights({} as never, { awsRequestId: 'run-1' });
      return { expected: true, actual: true };
    default: {
      if (each.do === 'disable') model.disabled.add(each.target);
      else model.disabled.delete(each.target);
      const path = { client_id: world.clientIdOf(each.target) };
      const operation = each.do === 'disable' ? 'disableIntegration' : 'enableIntegration';
      return both(true, await call(admin.text, operation, path));
    }
  }
}

/** What a decision is about: where it aims at something, at one of those that are in a state to be decided on so. */
function aimed(model: RightsModel, each: Extract<Step, { readonly do: 'decide' }>) {
  const from = each.decision === 'revoke' ? 'granted' : 'pending';
  const open = (['X', 'Y'] as const).flatMap((whose) =>
    [...model.asked[whose].values()]
      .filter(({ state }) => state === from)
      .map(({ context, right: name }) => ({ ...each, target: whose, context, rights: [name] })),
  );
  return (each.aim === undefined ? undefined : open[each.aim % open.length]) ?? each;
}

/** What the gate answers to a token, asked for everything in question. */
async function gateOf({ text }: Out) {
  const { gate, call } = deployment;
  const said = (answer: Awaited<ReturnType<typeof gate>>) => (typeof answer === 'string' ? answer : 'allowed');
  const answers: Record<string, unknown> = {
    issues: said(await gate(text, 'listIssues')),
    users: said(await gate(text, 'listUsers')),
    integrations: said(await gate(text, 'listIntegrations')),
    write: said(await gate(text, 'createIssue', { project: keys[0] })),
  };
  for (const each of keys) answers[each] = said(await gate(text, 'listIssuesOfProject', { project: each }));
  const shown = await call(text, 'listProjects');
  const { items = [] } = (shown.body ?? {}) as { readonly items?: readonly { readonly key: string }[] };
  return { ...answers, projects: shown.status === 200 ? items.map(({ key }) => key) : shown.status };
}

function gateOfModel(model: RightsModel, { token }: Out) {
  const said = (answer: 'dead' | boolean) => (answer === 'dead' ? 'dead' : answer ? 'allowed' : 'refused');
  const answers: Record<string, unknown> = {
    issues: said(model.gate(token, 'api', 'issues:read')),
    users: said(model.gate(token, 'api', 'users:read')),
    integrations: said(model.gate(token, 'admin', 'integrations:read')),
    write: said(model.gate(token, 'api', 'issues:write', keys[0])),
  };
  for (const each of keys) answers[each] = said(model.gate(token, 'api', 'issues:read', each));
  return { ...answers, projects: model.isAlive(token, 'api') ? model.visible(token) : 401 };
}

const granted = (stored: Readonly<Record<string, string>>) =>
  Object.keys(stored).filter((key) => stored[key] === 'granted');

/**
 * Two projects, somebody who administers one of them, an integration that may decide there, and something that waits for
 * each of them and for nobody but an administrator.
 */
const preamble: readonly Step[] = [
  { do: 'add', project: 'AAA' },
  { do: 'add', project: 'BBB' },
  { do: 'roles', person: 'bob', roles: [{ administers: 'AAA' }] },
  { do: 'issue', bearer: 'bob', asked: 'all' },
  { do: 'ask', by: 0, target: 'X', projects: ['AAA'], rights: ['authorizations:decide', 'issues:write'] },
  { do: 'issue', bearer: 'X', asked: 'all' },
  { do: 'ask', by: 1, target: 'Y', projects: ['AAA', 'BBB'], rights: ['issues:read'] },
  { do: 'set', by: 1, target: 'X', rights: ['users:read', 'issues:read'] },
];

test('whatever is asked for, decided, revoked and taken away, in whichever order, the gate answers as the model does, and nobody has what no holder gave', async () => {
  const sequences = fc.array(step, { minLength: 12, maxLength: 30, size: 'max' });
  await fc.assert(
    fc.asyncProperty(sequences, async (steps) => {
      const [model, world] = [new RightsModel(), await newRightsWorld(deployment)];
      const out: Out[] = [];
      for (const who of ['admin', 'registrar', 'ada'] as const) await issue({ model, world, out }, who, 'all');
      const [admin] = out;
      if (admin === undefined) throw new Error('the administrator has a token');
      const run = { model, world, admin, out };
      for (const each of preamble) await done(run, each);
      let before = { X: await world.stored('X'), Y: await world.stored('Y') };
      for (const [index, each] of steps.entries()) {
        const rights = [everywhere, ...keys].flatMap((context) => rightsInQuestion.map((name) => ({ context, name })));
        const caller = 'by' in each ? (out[each.by % out.length] ?? admin).token : admin.token;
        const held = new Set(
          rights
            .filter(({ context, name }) => model.holds(caller, name, context))
            .map(({ context, name }) => `${context} ${name}`),
        );
        const { expected, actual } = await done(run, each);
        expect({ each, bearer: caller.bearer, succeeded: actual }).toEqual({
          each,
          bearer: caller.bearer,
          succeeded: expected,
        });
        const after = { X: await world.stored('X'), Y: await world.stored('Y') };
        expect(after).toEqual({ X: model.stored('X'), Y: model.stored('Y') });
        for (const name of ['X', 'Y'] as const) {
          const given = granted(after[name]).filter((key) => before[name][key] !== 'granted');
          expect(given.filter((key) => !held.has(key))).toEqual([]);
        }
        before = after;
        // The latest of those that are out, and another.
        for (const looked of new Set([out.at(-1), out[3 + ((index * 7) % (out.length - 3))]]))
          if (looked !== undefined) expect(await gateOf(looked)).toEqual(gateOfModel(model, looked));
      }
    }),
    // As many as there is time for, on a machine that does other things besides.
    { numRuns: 30, interruptAfterTimeLimit: 45_000, endOnFailure: true },
  );
}, 120_000);
