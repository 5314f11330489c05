/** Rights as a small model: sets of rights in contexts, and who may change them. It shares no code with what it checks. */

/** A project's key, or everywhere. */
export type Context = string;
export const everywhere: Context = '*';

export const projectLevel = ['issues:read', 'issues:write', 'boards:read', 'authorizations:decide'] as const;
export const globalLevel = ['users:read', 'integrations:read'] as const;
export const rightsInQuestion = [...projectLevel, ...globalLevel] as const;
export type Right = (typeof rightsInQuestion)[number] | 'integrations:manage';

const ofAdminApi: readonly string[] = ['authorizations:decide', 'integrations:read', 'integrations:manage'];
const implied: Partial<Record<Right, Right>> = { 'issues:write': 'issues:read' };
const memberHolds = ['issues:read', 'boards:read', 'users:read'] as const;

export type Api = 'admin' | 'api';
export type State = 'pending' | 'granted' | 'declined' | 'revoked';
export type Target = 'X' | 'Y';
export type Person = 'ada' | 'bob';
export type Bearer = 'admin' | 'registrar' | Target | Person;
export type Role = 'administrator' | 'member' | { readonly administers: string };

interface Held {
  readonly right: Right;
  readonly context: Context;
}

/** A token that is out: what it carried when it was issued. */
export interface Token {
  readonly bearer: Bearer;
  readonly carried: readonly Held[];
}

/** What a token is asked for with. */
export type Asked = 'all' | { readonly right: Right } | { readonly right: Right; readonly project: string };

const keyOf = (context: Context, right: Right) => `${context} ${right}`;

function covers(held: readonly Held[], right: Right, context: Context): boolean {
  return held.some(
    (each) =>
      (each.right === right || implied[each.right] === right) &&
      (each.context === everywhere || each.context === context),
  );
}

const globally = (rights: readonly Right[]): Held[] => rights.map((right) => ({ right, context: everywhere }));

export class RightsModel {
  readonly projects = new Set<string>();
  /** Every key that was ever used. */
  readonly used = new Set<string>();
  readonly disabled = new Set<Target>();
  readonly asked: Record<Target, Map<string, Held & { readonly state: State }>> = { X: new Map(), Y: new Map() };
  readonly roles: Record<Person, readonly Role[]> = { ada: ['administrator'], bob: ['member'] };
  /** `X` is the registrar's, `Y` is X's own. */
  readonly owners: Record<Target, Bearer> = { X: 'registrar', Y: 'X' };

  /** What somebody holds now, whatever their tokens carry. */
  holdings(bearer: Bearer): readonly Held[] {
    if (bearer === 'admin') return globally([...rightsInQuestion, 'integrations:manage']);
    if (bearer === 'registrar') return globally(['integrations:manage', 'integrations:read', 'boards:read']);
    if (bearer === 'X' || bearer === 'Y')
      return [...this.asked[bearer].values()].filter(({ state }) => state === 'granted');
    return this.roles[bearer].flatMap((role): Held[] => {
      if (role === 'administrator') return globally([...rightsInQuestion, 'integrations:manage']);
      if (role === 'member') return globally(memberHolds);
      return [...globally(memberHolds), ...projectLevel.map((right) => ({ right, context: role.administers }))];
    });
  }

  /** Whether the token carries the right there, and its bearer still holds it there. */
  holds({ bearer, carried }: Token, right: Right, context: Context): boolean {
    return covers(carried, right, context) && covers(this.holdings(bearer), right, context);
  }

  /** What the gate answers: 401, 403 or a call. */
  gate(token: Token, api: Api, right: Right, project?: string): 'dead' | boolean {
    if (!this.isAlive(token, api)) return 'dead';
    if (this.holds(token, right, everywhere)) return true;
    return project !== undefined && this.projects.has(project) && this.holds(token, right, project);
  }

  isAlive({ bearer, carried }: Token, api: Api): boolean {
    if ((bearer === 'X' || bearer === 'Y') && this.disabled.has(bearer)) return false;
    return carried.some(({ right }) => ofAdminApi.includes(right) === (api === 'admin'));
  }

  /** The projects that a token is shown. */
  visible(token: Token): readonly string[] {
    return [...this.projects]
      .filter((project) => projectLevel.some((right) => this.holds(token, right, project)))
      .sort();
  }

  /** @returns the token, or undefined where none is issued */
  issue(bearer: Bearer, asked: Asked): Token | undefined {
    if ((bearer === 'X' || bearer === 'Y') && this.disabled.has(bearer)) return undefined;
    const held = this.holdings(bearer);
    const carried = asked === 'all' ? held : this.named(bearer, held, asked);
    return carried === undefined || carried.length === 0 ? undefined : { bearer, carried };
  }

  private named(bearer: Bearer, held: readonly Held[], asked: Exclude<Asked, 'all'>): readonly Held[] | undefined {
    const isPerson = bearer === 'ada' || bearer === 'bob';
    const reach = isPerson ? [asked.right, implied[asked.right]].filter((right) => right !== undefined) : [asked.right];
    return reach.flatMap((right): readonly Held[] => {
      if ('project' in asked) return covers(held, right, asked.project) ? [{ right, context: asked.project }] : [];
      if (covers(held, right, everywhere)) return [{ right, context: everywhere }];
      return [...this.used].filter((project) => covers(held, right, project)).map((context) => ({ right, context }));
    });
  }

  private request(token: Token, target: Target, context: Context, right: Right) {
    const before = this.asked[target].get(keyOf(context, right));
    if (before?.state === 'granted' || before?.state === 'pending') return before;
    const mayGrant = before === undefined && token.bearer !== target;
    const state: State = mayGrant && this.holds(token, right, context) ? 'granted' : 'pending';
    return { right, context, state };
  }

  private mayAsk(token: Token, target: Target): boolean {
    if (!this.isAlive(token, 'admin')) return false;
    return token.bearer === target || this.holds(token, 'integrations:manage', everywhere);
  }

  setRights(token: Token, target: Target, rights: readonly Right[]): boolean {
    if (!this.mayAsk(token, target)) return false;
    const after = rights.map((right) => this.request(token, target, everywhere, right));
    for (const { context, right } of [...this.asked[target].values()])
      if (context === everywhere) this.asked[target].delete(keyOf(context, right));
    for (const each of after) this.asked[target].set(keyOf(everywhere, each.right), each);
    return true;
  }

  askInProjects(token: Token, target: Target, projects: readonly string[], rights: readonly Right[]): boolean {
    if (!this.mayAsk(token, target) || !projects.every((project) => this.projects.has(project))) return false;
    const after = projects.flatMap((project) => rights.map((right) => this.request(token, target, project, right)));
    for (const each of after) this.asked[target].set(keyOf(each.context, each.right), each);
    return true;
  }

  decide(
    token: Token,
    target: Target,
    context: Context,
    rights: readonly Right[],
    decision: 'grant' | 'decline' | 'revoke',
  ) {
    if (!this.isAlive(token, 'admin')) return false;
    if (token.bearer === target || this.owners[target] === token.bearer) return false;
    if (context !== everywhere && !this.projects.has(context)) return false;
    const needed: readonly Right[] = ['authorizations:decide', ...rights];
    if (!needed.every((right) => this.holds(token, right, context))) return false;
    const from = decision === 'revoke' ? 'granted' : 'pending';
    if (!rights.every((right) => this.asked[target].get(keyOf(context, right))?.state === from)) return false;
    const state = { grant: 'granted', decline: 'declined', revoke: 'revoked' }[decision] as State;
    for (const right of rights) this.asked[target].set(keyOf(context, right), { right, context, state });
    return true;
  }

  withdraw(token: Token, target: Target, project: string): boolean {
    const manages = this.gate(token, 'admin', 'integrations:manage');
    const decides = this.gate(token, 'admin', 'authorizations:decide', project);
    if (manages !== true && decides !== true) return false;
    const there = [...this.asked[target].values()].filter(({ context }) => context === project);
    for (const { right } of there) this.asked[target].delete(keyOf(project, right));
    return there.length > 0;
  }

  setRoles(person: Person, roles: readonly Role[]): boolean {
    const had = this.roles[person].flatMap((role) => (typeof role === 'string' ? [] : [role.administers]));
    const known = (role: Role) =>
      typeof role === 'string' || this.projects.has(role.administers) || had.includes(role.administers);
    if (!roles.every(known)) return false;
    this.roles[person] = roles;
    return true;
  }

  addProject(project: string): boolean {
    if (this.used.has(project)) return false;
    this.used.add(project);
    this.projects.add(project);
    return true;
  }

  removeProject(project: string): boolean {
    return this.projects.delete(project);
  }

  /** What was asked for in projects that are gone goes after them. */
  removeRights(): void {
    for (const target of ['X', 'Y'] as const)
      for (const [key, { context }] of [...this.asked[target]])
        if (context !== everywhere && !this.projects.has(context)) this.asked[target].delete(key);
  }

  /** What each target asked for, and what became of it, in one order. */
  stored(target: Target): Readonly<Record<string, State>> {
    return Object.fromEntries([...this.asked[target]].map(([key, { state }]) => [key, state] as const).sort());
  }
}
