import fc from 'fast-check';
import { expect, it } from 'vitest';
import { livenessReader } from '../../../src/adapters/dynamodb/liveness.ts';
import { holds } from '../../../src/api/rights.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { holdingsOfIntegration } from '../../../src/oauth/holdings.ts';
import { ask, create, decide, inbox, rights, statesOf, withdraw } from './authorizations-calls.ts';
import { administrator, projectAdministrator, registrar, scene, somebody, withPeople } from './authorizations-scene.ts';
import { call } from './scene.ts';

withPeople();

const contexts = ['everywhere', 'PRJ', 'OTHER'] as const;
const inProject = ['issues:read', 'issues:write', 'boards:read'] as const;
const people = ['registrar', 'administrator', 'of PRJ', 'of both', 'decides alone'] as const;
const somePeople = fc.constantFrom(...people);

const step = fc.oneof(
  fc.record({
    does: fc.constant('set'),
    who: fc.constantFrom('registrar', 'administrator'),
    rights: fc.subarray([...inProject, 'users:read'], { minLength: 0 }),
  }),
  fc.record({
    does: fc.constant('ask'),
    who: fc.constantFrom('registrar', 'administrator'),
    projects: fc.subarray(['PRJ', 'OTHER'], { minLength: 1 }),
    rights: fc.subarray([...inProject], { minLength: 1 }),
  }),
  fc.record({
    does: fc.constant('decide'),
    who: somePeople,
    context: fc.constantFrom(...contexts),
    rights: fc.subarray([...inProject], { minLength: 1, maxLength: 2 }),
    decision: fc.constantFrom('grant', 'decline', 'revoke'),
  }),
  fc.record({ does: fc.constant('withdraw'), who: fc.constant('registrar'), project: fc.constantFrom('PRJ', 'OTHER') }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Who = Step['who'];

/** What api.md says, in as few words as it takes: states by context and right, and who granted what. */
class Model {
  readonly states = new Map<string, string>();
  readonly #people: Readonly<Record<string, AuthorizerContext>>;
  constructor(people: Readonly<Record<string, AuthorizerContext>>) {
    this.#people = people;
  }

  holds(who: string, right: string, context: string): boolean {
    const person = this.#people[who];
    return holds(person?.rights ?? [], right) || holds(person?.projectRights[context] ?? [], right);
  }

  askFor(who: string, context: string, right: string): void {
    const key = `${right} in ${context}`;
    const before = this.states.get(key);
    if (before === 'granted' || before === 'pending') return;
    this.states.set(key, before === undefined && this.holds(who, right, context) ? 'granted' : 'pending');
  }

  take(one: Step): number {
    if (one.does === 'set') {
      for (const key of [...this.states.keys()])
        if (key.endsWith(' in everywhere') && !(one.rights as readonly string[]).includes(key.split(' ')[0] ?? ''))
          this.states.delete(key);
      for (const right of one.rights) this.askFor(one.who, 'everywhere', right);
      return 200;
    }
    if (one.does === 'ask') {
      for (const project of one.projects) for (const right of one.rights) this.askFor(one.who, project, right);
      return 200;
    }
    if (one.does === 'withdraw') {
      const there = [...this.states.keys()].filter((key) => key.endsWith(` in ${one.project}`));
      for (const key of there) this.states.delete(key);
      return there.length > 0 ? 204 : 404;
    }
    return this.#decide(one);
  }

  #decide({ who, context, rights, decision }: Extract<Step, { does: 'decide' }>): number {
    if (![...rights, 'authorizations:decide'].every((right) => this.holds(who, right, context))) return 403;
    const keys = rights.map((right) => `${right} in ${context}`);
    const from = decision === 'revoke' ? 'granted' : 'pending';
    if (!keys.every((key) => this.states.get(key) === from)) return 409;
    for (const key of keys)
      this.states.set(key, { grant: 'granted', decline: 'declined', revoke: 'revoked' }[decision]);
    return 200;
  }

  shown(): string[] {
    return [...this.states].map(([key, state]) => `${key.replace(' in everywhere', ' everywhere')}: ${state}`).sort();
  }

  granted(context: string): string[] {
    return [...this.states]
      .filter(([key, state]) => state === 'granted' && key.endsWith(` in ${context}`))
      .map(([key]) => key.split(' ')[0] ?? '')
      .sort();
  }

  inboxOf(who: string): string[] {
    return this.shown().filter((line) => {
      const [right = '', where, project = ''] = line.replace(/: .*/, '').split(' ');
      const context = where === 'in' ? project : 'everywhere';
      return (
        line.endsWith(': pending') && [right, 'authorizations:decide'].every((each) => this.holds(who, each, context))
      );
    });
  }
}

it('whatever is asked for and decided, in whichever order, holds exactly what a holder granted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const who: Readonly<Record<Who, AuthorizerContext>> = {
        registrar: registrar(),
        administrator: administrator(),
        'of PRJ': projectAdministrator('PRJ'),
        'of both': projectAdministrator('PRJ', 'OTHER'),
        'decides alone': somebody(['authorizations:decide'], { PRJ: ['issues:read'] }),
      };
      const id = await create(['users:read']);
      const model = new Model(who);
      model.askFor('registrar', 'everywhere', 'users:read');
      for (const one of steps) {
        const answer = await taken(who[one.who], id, one);
        expect(answer.status, JSON.stringify(one)).toBe(model.take(one));
        expect(statesOf(await rights(id, '?limit=100')).sort()).toEqual(model.shown());
        expect(await heldBy(id)).toEqual(
          Object.fromEntries(contexts.map((context) => [context, model.granted(context)])),
        );
      }
      for (const [name, person] of Object.entries(who)) {
        if (name === 'registrar') continue;
        const { body } = await inbox(person, '?limit=100');
        const own = body.items.filter((item: { client_id: string }) => item.client_id === id);
        expect(statesOf({ body: { items: own } } as never).sort()).toEqual(model.inboxOf(name));
      }
      await call(registrar(), `DELETE /integrations/${id}`);
    }),
    { numRuns: 25 },
  );
}, 120_000);

function taken(by: AuthorizerContext, id: string, one: Step) {
  if (one.does === 'set') return call(by, `PUT /integrations/${id}/rights`, { rights: one.rights });
  if (one.does === 'ask') return ask(id, one.projects, one.rights, by);
  if (one.does === 'withdraw') return withdraw(id, one.project, by);
  const { context, rights: names, decision } = one;
  const where = context === 'everywhere' ? { context: 'global' } : { project: context };
  return decide(by, id, { ...where, rights: names, decision });
}

/** What the gate reads of the integration. */
async function heldBy(id: string) {
  const { tenant } = registrar();
  const query = { tenant, clientId: id, projects: ['PRJ', 'OTHER'] };
  const { integration } = await livenessReader(scene().embedded.table).read(query);
  if (integration === undefined) throw new Error('the integration is gone');
  const { global, byProject } = holdingsOfIntegration(integration);
  const sorted = (names: readonly string[] = []) => [...names].sort();
  return { everywhere: sorted(global), PRJ: sorted(byProject.PRJ), OTHER: sorted(byProject.OTHER) };
}
