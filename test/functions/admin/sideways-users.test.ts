import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as federatedIdentitiesHandler } from '../../../functions/admin/federated-identities.ts';
import { handler as identityProvidersHandler } from '../../../functions/admin/identity-providers.ts';
import { handler as personalAccessTokensHandler } from '../../../functions/admin/personal-access-tokens.ts';
import { handler as tenantHandler } from '../../../functions/admin/tenant.ts';
import { handler as usersHandler } from '../../../functions/admin/users.ts';
import { federatedIdentities } from '../../../src/adapters/dynamodb/federated-identity.ts';
import { identityProviders } from '../../../src/adapters/dynamodb/identity-provider.ts';
import { passwordLinks } from '../../../src/adapters/dynamodb/password-link-store.ts';
import { projects } from '../../../src/adapters/dynamodb/project.ts';
import { users } from '../../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../../src/adapters/dynamodb/user-credentials-store.ts';
import { holds, rightNames } from '../../../src/api/rights.ts';
import { rightsOfRoles } from '../../../src/api/roles.ts';
import { newUserId } from '../../../src/entities/identifiers.ts';
import {
  type IdentityProvider,
  newIdentityProviderId,
  standardClaims,
} from '../../../src/entities/identity-provider.ts';
import { isOpenedBy } from '../../../src/entities/password-link.ts';
import type { RightInContext, Role, User } from '../../../src/entities/user.ts';
import { noCredentials } from '../../../src/entities/user-credentials.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable } from '../deployment.ts';
import { signIn, someEvent } from './own-access-scene.ts';

const handlers = {
  users: callHandler(usersHandler),
  'federated-identities': callHandler(federatedIdentitiesHandler),
  'identity-providers': callHandler(identityProvidersHandler),
  'personal-access-tokens': callHandler(personalAccessTokensHandler),
  tenant: callHandler(tenantHandler),
};

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

const roles: readonly Role[] = [
  'administrator',
  'developer',
  'member',
  { role: 'project_administrator', project: 'PRJ' },
];

/** Everything that the attacker can call; `target` is one of those it knows, of who it is first. */
const step = fc.record({
  target: fc.nat({ max: 8 }),
  roles: fc.subarray([...roles], { minLength: 1, maxLength: 2 }),
  rights: fc.subarray([...rightNames], { minLength: 1, maxLength: 3 }),
  action: fc.constantFrom(
    'create a user',
    'change roles',
    'change the email',
    'disable',
    'enable',
    'delete',
    'issue a password link',
    'reset the second factor',
    'link an account',
    'unlink accounts',
    'make a personal access token',
    'register a provider',
    'change a provider',
    'delete a provider',
    'change the tenant',
  ),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Who the attacker is at the tenant's provider. */
const subject = 'attacker';

class Attacker {
  readonly caller: AuthorizerContext;
  readonly providerId: string;
  readonly known: string[];
  readonly links: string[] = [];
  /** Rights of personal access tokens that it was shown. */
  readonly tokens: RightInContext[] = [];
  /** What is an administrator's alone, and was not refused. */
  readonly administered: string[] = [];
  #made = 0;
  constructor(caller: AuthorizerContext, providerId: string, known: readonly string[]) {
    this.caller = caller;
    this.providerId = providerId;
    this.known = [...known];
  }

  async take({ action, target, roles: given, rights }: Step): Promise<void> {
    for (const caller of [this.caller, ...(await this.disguises())]) {
      const user_id = this.known[target % this.known.length] ?? '';
      const one = { path: { user_id } };
      const name = `u${this.#made++}`;
      const provider = { path: { identity_provider: this.providerId } };
      const calls: Record<Step['action'], () => Promise<void>> = {
        'create a user': () =>
          this.#manage(caller, 'users', 'POST /v1/users', {
            body: { username: name, email: `${name}@example.com`, name, roles: given },
          }),
        'change roles': () => this.#change(caller, user_id, { roles: given }),
        'change the email': () => this.#change(caller, user_id, { email: `${name}@attacker.example` }),
        disable: () => this.#change(caller, user_id, { status: 'disabled' }),
        enable: () => this.#change(caller, user_id, { status: 'active' }),
        delete: () => this.#manage(caller, 'users', 'DELETE /v1/users/{user_id}', one),
        'issue a password link': () => this.#manage(caller, 'users', 'POST /v1/users/{user_id}/password-link', one),
        'reset the second factor': () => this.#manage(caller, 'users', 'DELETE /v1/users/{user_id}/second-factor', one),
        'link an account': () =>
          this.#manage(caller, 'federated-identities', 'POST /v1/users/{user_id}/federated-identities', {
            ...one,
            body: { identity_provider: this.providerId, subject },
          }),
        'unlink accounts': () => this.#unlink(caller, user_id),
        'make a personal access token': () => this.#makeToken(caller, rights),
        'register a provider': () =>
          this.#administer(caller, 'identity-providers', 'POST /v1/identity-providers', {
            body: { name, issuer: 'https://attacker.invalid', client_id: 'a', client_secret: 'b' },
          }),
        'change a provider': () =>
          this.#administer(caller, 'identity-providers', 'PATCH /v1/identity-providers/{identity_provider}', {
            ...provider,
            body: { client_id: 'of the attacker' },
          }),
        'delete a provider': () =>
          this.#administer(caller, 'identity-providers', 'DELETE /v1/identity-providers/{identity_provider}', provider),
        'change the tenant': () =>
          this.#administer(caller, 'tenant', 'PATCH /v1/tenant', {
            body: { policy: { second_factor_required: false } },
          }),
      };
      await calls[action]();
    }
  }

  #change(caller: AuthorizerContext, user_id: string, body: object): Promise<void> {
    return this.#manage(caller, 'users', 'PATCH /v1/users/{user_id}', { path: { user_id }, body });
  }

  async #manage(caller: AuthorizerContext, entry: keyof typeof handlers, route: string, call: object): Promise<void> {
    // The authorizer's part.
    if (!holds(caller.rights, 'users:manage')) return;
    const { body } = await handlers[entry](route, { caller, ...call });
    const link = body?.password_link && new URL(body.password_link).searchParams.get('link');
    if (link) this.links.push(link);
    if (body?.username !== undefined && !this.known.includes(body.id)) this.known.push(body.id);
  }

  async #administer(
    caller: AuthorizerContext,
    entry: keyof typeof handlers,
    route: string,
    call: object,
  ): Promise<void> {
    if (entry !== 'tenant' && !holds(caller.rights, 'users:manage')) return;
    const { status } = await handlers[entry](route, { caller, ...call });
    if (status !== 403) this.administered.push(route);
  }

  async #unlink(caller: AuthorizerContext, user_id: string): Promise<void> {
    const linked = await federatedIdentities(embedded.table).ofUser(caller.tenant, user_id);
    for (const { id } of linked)
      await this.#manage(caller, 'federated-identities', 'DELETE /v1/users/{user_id}/federated-identities/{id}', {
        path: { user_id, id },
      });
  }

  async #makeToken(caller: AuthorizerContext, rights: readonly string[]): Promise<void> {
    if (!holds(caller.rights, 'personal-access-tokens:manage')) return;
    const body = { name: 'Token', rights, expires_in: 60 };
    const made = await handlers['personal-access-tokens']('POST /v1/personal-access-tokens', { caller, body });
    for (const { right, context } of made.body.rights ?? [])
      this.tokens.push(context === 'global' ? { right } : { right, project: context.project });
  }

  /** Whom it can sign in as: whose password it may set, or who is linked to its own account at the provider. */
  async #opened(): Promise<User[]> {
    const { tenant } = this.caller;
    const found: User[] = [];
    for (const id of this.known) {
      const user = await users(embedded.table).get(tenant, id);
      if (user?.status !== 'active') continue;
      const link = await passwordLinks(embedded.table).get(tenant, id);
      const linked = await federatedIdentities(embedded.table).ofUser(tenant, id);
      const isOpen =
        (link !== undefined && this.links.some((text) => isOpenedBy(link, text, user, Date.now()))) ||
        linked.some((each) => each.subject === subject);
      if (isOpen) found.push(user);
    }
    return found;
  }

  async disguises(): Promise<AuthorizerContext[]> {
    const { familyId: _, ...caller } = this.caller;
    return (await this.#opened()).map(({ id, roles: of }) => ({
      ...caller,
      subject: id,
      rights: rightsOfRoles(of, false).flatMap(({ right, project }) => (project === undefined ? [right] : [])),
    }));
  }

  async opens(): Promise<RightInContext[]> {
    return [...this.tokens, ...(await this.#opened()).flatMap((user) => rightsOfRoles(user.roles, false))];
  }
}

/** Somebody of the tenant with a second factor. */
async function somebody(tenant: string, given: readonly Role[]): Promise<User> {
  const id = newUserId(randomBytes);
  const user: User = {
    ...{ tenant, id, username: id, email: `${id}@example.com`, name: 'Somebody', roles: given, status: 'active' },
    ...{ tokenGeneration: 0, version: 1, createdAt: new Date().toISOString() },
  };
  await users(embedded.table).create(user, someEvent(tenant));
  const none = noCredentials(tenant, id);
  await userCredentials(embedded.table).update(none, {
    ...none,
    totp: { ciphertext: 'c', createdAt: user.createdAt },
  });
  return user;
}

async function attacked(own: readonly string[], steps: readonly Step[]) {
  const ada = await signIn(embedded, own);
  const { tenant } = ada.user;
  const self = await users(embedded.table).get(tenant, ada.user.id);
  if (self === undefined) throw new Error('nobody signed in');
  // An administrator, whose app was given a part of what they hold.
  await users(embedded.table).update(self, { ...self, roles: ['administrator'] }, someEvent(tenant));
  await projects(embedded.table).create(
    { tenant, key: 'PRJ', name: 'A project', createdAt: self.createdAt },
    someEvent(tenant),
  );
  const provider: IdentityProvider = {
    ...{ tenant, id: newIdentityProviderId(tenant, randomBytes), name: 'Provider', issuer: 'https://id.invalid' },
    ...{ clientId: 'us', claimMapping: standardClaims, allowedEmailDomains: [], createUsers: false, version: 1 },
    ...{ roles: ['member'], status: 'active', createdAt: self.createdAt },
  };
  await identityProviders(embedded.table).create(provider, someEvent(tenant));
  const victims = [];
  for (const role of roles) victims.push(await somebody(tenant, [role]));
  const known = [self.id, ...victims.map(({ id }) => id)];
  const attacker = new Attacker({ ...ada.caller, rights: own }, provider.id, known);
  for (const one of steps) await attacker.take(one);

  const isOwn = ({ right }: RightInContext) => holds(own, right);
  const stronger = victims.filter(({ roles: of }) => !rightsOfRoles(of, false).every(isOwn));
  const touched: string[] = [];
  for (const before of stronger) {
    const now = await users(embedded.table).get(tenant, before.id);
    const credentials = await userCredentials(embedded.table).get(tenant, before.id);
    if (JSON.stringify({ ...now, version: 1 }) !== JSON.stringify(before) || credentials?.totp === undefined)
      touched.push(JSON.stringify(before.roles));
  }
  const now = await users(embedded.table).get(tenant, self.id);
  const opens = await attacker.opens();
  return {
    gained: opens.filter((each) => !isOwn(each)),
    opened: opens.length,
    administered: attacker.administered,
    touched,
    self: { roles: now?.roles, status: now?.status },
  };
}

const memberRights = rightsOfRoles(['member'], false).map(({ right }) => right);
const unharmed = {
  gained: [],
  administered: [],
  touched: [],
  self: { roles: ['administrator'], status: 'active' },
};

describe('nobody gains a right through users', () => {
  it.each([
    [['users:manage', 'personal-access-tokens:manage']],
    [['users:manage', ...memberRights]],
    [rightNames.filter((right) => right !== 'audit:read' && right !== 'tenants:manage')],
  ])(
    'an app of an administrator with %j obtains no other right by any sequence of calls, nor touches who holds one',
    async (own) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
          expect(await attacked(own, steps)).toMatchObject(unharmed);
        }),
        { numRuns: 25 },
      );
    },
    240_000,
  );

  it('the same calls by who holds every right do open the others', async () => {
    const all = rightNames.filter((right) => right !== 'tenants:manage');
    const take = (action: Step['action']): Step => ({ target: 1, roles: ['member'], rights: ['audit:read'], action });
    const steps = [take('change the tenant'), take('issue a password link')];
    expect(await attacked(['users:manage'], steps)).toEqual({ ...unharmed, opened: 0 });
    expect(await attacked(all, steps)).toMatchObject({ administered: ['PATCH /v1/tenant'], opened: all.length });
  });
});
