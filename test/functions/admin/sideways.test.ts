import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holds, type RightName, rightNames, rightOf } from '../../../src/api/rights.ts';
import { grantedRights } from '../../../src/entities/integration.ts';
import { matches } from '../../../src/entities/recognizable-secret.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { call, deployAdmin, newProjects, newTenant, type Scene, storedIntegration } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await deployAdmin();
});
afterAll(() => scene.close());

/** Sends users' codes to the attacker. */
const codeFlow = {
  grant_types: ['authorization_code', 'client_credentials'],
  redirect_uris: ['https://attacker.example/'],
};

const attackerJwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

/**
 * Everything that the attacker can call, on an integration chosen by index: those it did not make, its own, those it
 * made. `rights` are what it asks for where it may.
 */
const step = fc.record({
  target: fc.nat({ max: 6 }),
  rights: fc.subarray([...rightNames], { minLength: 1, maxLength: 3 }),
  action: fc.constantFrom(
    'create',
    'create with a key',
    'set rights',
    'set own rights',
    'ask in projects',
    'ask for oneself in projects',
    'grant',
    'grant in a project',
    'revoke',
    'withdraw from a project',
    'change rights',
    'change keys',
    'change keys and rights',
    'change method back',
    'change to no method',
    'change redirect URIs',
    'add secret',
    'add secret alone',
    'read secrets',
    'revoke secrets',
    'disable',
    'enable',
    'revoke tokens',
    'delete',
  ),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The attacker: what it was given, and every credential that an answer showed it. */
class Attacker {
  readonly caller: AuthorizerContext;
  readonly known: string[];
  readonly secrets: string[] = [];
  constructor(caller: AuthorizerContext, known: readonly string[]) {
    this.caller = caller;
    this.known = [...known];
  }

  /**
   * Calls as the attacker, and as every integration whose credentials it has: with what each has been granted, since no
   * token can carry more.
   */
  async take({ action, target, rights }: Step): Promise<void> {
    for (const caller of [this.caller, ...(await this.disguises())]) {
      const id = this.known[target % this.known.length] ?? '';
      const path = `/integrations/${id}`;
      const inProjects = {
        projects: ['PRJ', 'OTHER'],
        rights: rights.filter((right) => rightOf(right).level === 'project'),
      };
      const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [attackerJwk] } };
      const calls: Record<Step['action'], () => Promise<void>> = {
        create: () => this.#create(caller, { rights }),
        'create with a key': () => this.#create(caller, { rights, ...keys }),
        'set rights': () => this.#send(caller, `PUT ${path}/rights`, { rights }),
        'set own rights': () => this.#send(caller, 'PUT /integrations/self/rights', { rights }),
        'ask in projects': () => this.#send(caller, `POST ${path}/projects`, inProjects),
        'ask for oneself in projects': () => this.#send(caller, 'POST /integrations/self/projects', inProjects),
        grant: () => this.#eachAlone(caller, path, { context: 'global', decision: 'grant' }, rights),
        'grant in a project': () => this.#eachAlone(caller, path, { project: 'PRJ', decision: 'grant' }, rights),
        revoke: () => this.#eachAlone(caller, path, { context: 'global', decision: 'revoke' }, rights),
        'withdraw from a project': () => this.#send({ ...caller, project: 'PRJ' }, `DELETE ${path}/projects/PRJ`),
        'change rights': () => this.#send(caller, `PATCH ${path}`, { rights }),
        'change keys': () => this.#send(caller, `PATCH ${path}`, keys),
        'change keys and rights': () => this.#send(caller, `PATCH ${path}`, { ...keys, rights }),
        'change method back': () =>
          this.#send(caller, `PATCH ${path}`, { token_endpoint_auth_method: 'client_secret_basic' }),
        'change to no method': () =>
          this.#send(caller, `PATCH ${path}`, {
            ...codeFlow,
            grant_types: ['authorization_code'],
            token_endpoint_auth_method: 'none',
          }),
        'change redirect URIs': () => this.#send(caller, `PATCH ${path}`, codeFlow),
        'add secret': () => this.#send(caller, `POST ${path}/secrets`, { expire_others_in: 0 }),
        'add secret alone': () => this.#send(caller, `POST ${path}/secrets`, {}),
        'read secrets': () => this.#eachSecret(caller, path, 'GET'),
        'revoke secrets': () => this.#eachSecret(caller, path, 'DELETE'),
        disable: () => this.#send(caller, `POST ${path}/disable`),
        enable: () => this.#send(caller, `POST ${path}/enable`),
        'revoke tokens': () => this.#send(caller, `POST ${path}/revoke-tokens`),
        delete: () => this.#send(caller, `DELETE ${path}`),
      };
      await calls[action]();
    }
  }

  async #send(caller: AuthorizerContext, request: string, body?: unknown): Promise<void> {
    // The authorizer's part: without its right a call does not arrive, apart from those on oneself.
    const needed = request.includes('/authorizations') ? 'authorizations:decide' : 'integrations:manage';
    const held = [...caller.rights, ...Object.values(caller.projectRights).flat()];
    if (!held.includes(needed) && !request.includes('/self')) return;
    const answer = await call(caller, request, body);
    if (answer.body?.client_secret !== undefined) this.secrets.push(answer.body.client_secret);
    if (answer.status === 201 && answer.body.name !== undefined) this.known.push(answer.body.client_id);
  }

  #create(caller: AuthorizerContext, body: object): Promise<void> {
    return this.#send(caller, 'POST /integrations', { name: `Made ${this.known.length}`, ...body });
  }

  /** Each right by itself: together none would be decided where one cannot be. */
  async #eachAlone(caller: AuthorizerContext, path: string, body: object, rights: readonly string[]): Promise<void> {
    for (const right of rights) await this.#send(caller, `POST ${path}/authorizations`, { ...body, rights: [right] });
  }

  async #eachSecret(caller: AuthorizerContext, path: string, method: string): Promise<void> {
    const { body } = await call(caller, `GET ${path}/secrets`);
    for (const { id } of body.items ?? []) await this.#send(caller, `${method} ${path}/secrets/${id}`);
  }

  /** Whom it can get a token as: whose secret it saw, whose key it set, or where users' codes come to it. */
  async disguises(): Promise<AuthorizerContext[]> {
    const found: AuthorizerContext[] = [];
    for (const clientId of this.known) {
      const integration = await storedIntegration(scene, this.caller, clientId);
      if (integration?.status !== 'active') continue;
      const opened =
        integration.secrets.some(({ hash }) => this.secrets.some((secret) => matches(secret, hash))) ||
        integration.jwks.some(({ x }) => x === attackerJwk.x) ||
        // What an administrator's consent would give it.
        integration.redirectUris.some((uri) => codeFlow.redirect_uris.includes(uri));
      const projectRights = integration.projectGrants?.listed ?? {};
      if (opened)
        found.push({ ...this.caller, clientId, subject: clientId, rights: grantedRights(integration), projectRights });
    }
    return found;
  }
}

interface Own {
  readonly rights: readonly RightName[];
  readonly projectRights: Readonly<Record<string, readonly RightName[]>>;
}

/** Every right, and where, that the attacker has in the end and did not hold. */
async function gained(own: Own, steps: readonly Step[]): Promise<string[]> {
  const administrator = { ...(await newTenant(scene, ...rightNames)), ofOperator: true };
  await newProjects(scene, administrator, 'PRJ', 'OTHER');
  const make = async (name: string, rights: readonly string[], inProject: readonly string[] = []) => {
    const { client_id } = (await call(administrator, 'POST /integrations', { name, rights })).body;
    const body = { projects: ['PRJ'], rights: inProject };
    if (inProject.length > 0) await call(administrator, `POST /integrations/${client_id}/projects`, body);
    return client_id as string;
  };
  const self = await make('Attacker', own.rights, own.projectRights.PRJ);
  const known = [
    self,
    await make('Victim 1', ['users:manage', 'issues:read']),
    await make('Victim 2', ['issues:write']),
    await make('Victim 3', rightNames),
    await make('Victim 4', ['users:read'], ['boards:write', 'issues:read']),
    await make('Equal', own.rights, own.projectRights.PRJ),
  ];
  const attacker = new Attacker({ ...administrator, clientId: self, subject: self, ...own }, known);
  for (const one of steps) await attacker.take(one);
  return (await attacker.disguises()).flatMap(({ rights, projectRights }) => [
    ...rights.filter((right) => !holds(own.rights, right)),
    ...Object.entries(projectRights).flatMap(([project, there]) =>
      there
        .filter((right) => !holds([...own.rights, ...(own.projectRights[project] ?? [])], right))
        .map((right) => `${right} in ${project}`),
    ),
  ]);
}

describe('nobody gains a right sideways', () => {
  it.each<[Own]>([
    [{ rights: ['integrations:manage'], projectRights: {} }],
    [{ rights: ['integrations:manage', 'issues:write', 'authorizations:decide'], projectRights: {} }],
    [{ rights: ['integrations:manage'], projectRights: { PRJ: ['authorizations:decide', 'issues:read'] } }],
  ])(
    'a holder of %j obtains no other right by any sequence of calls',
    async (own) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          expect(await gained(own, steps)).toEqual([]);
        }),
        { numRuns: 20 },
      );
    },
    120_000,
  );

  it('the same calls by who holds every right do open the victims', async () => {
    const read = { target: 3, rights: ['issues:read'], action: 'add secret' } satisfies Step;
    expect(await gained({ rights: ['integrations:manage'], projectRights: {} }, [read])).toEqual([]);
    const administrator = { ...(await newTenant(scene, ...rightNames)), ofOperator: true };
    const victim = (await call(administrator, 'POST /integrations', { name: 'Victim', rights: rightNames })).body;
    const holder = { ...administrator, subject: 'usr_other' };
    const attacker = new Attacker(holder, [victim.client_id]);
    await attacker.take({ ...read, target: 0 });
    expect((await attacker.disguises()).map(({ clientId }) => clientId)).toEqual([victim.client_id]);
  });
});
