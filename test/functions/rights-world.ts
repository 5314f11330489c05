import { createHash, randomBytes } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { handler as authorizationsHandler } from '../../functions/admin/authorizations.ts';
import { handler as integrationProjectsHandler } from '../../functions/admin/integration-projects.ts';
import { handler as integrationsHandler } from '../../functions/admin/integrations.ts';
import { handler as projectsHandler } from '../../functions/admin/projects.ts';
import { handler as rightsHandler } from '../../functions/admin/rights.ts';
import { handler as usersHandler } from '../../functions/admin/users.ts';
import { handler as visibleProjectsHandler } from '../../functions/api/projects.ts';
import { handler as tokenHandler } from '../../functions/auth/token.ts';
import { authorizer } from '../../functions/authorizer/authorizer.ts';
import { keyRing } from '../../functions/shared/presented-tokens.ts';
import { rightsRows } from '../../lib/constructs/rights-authorizer.ts';
import { authorizationCodes } from '../../src/adapters/dynamodb/authorization-code.ts';
import { integrationItem } from '../../src/adapters/dynamodb/integration.ts';
import { integrationNameItem } from '../../src/adapters/dynamodb/integration-name.ts';
import { integrationReader } from '../../src/adapters/dynamodb/integration-store.ts';
import { livenessReader } from '../../src/adapters/dynamodb/liveness.ts';
import { projectRightsReader } from '../../src/adapters/dynamodb/project-rights.ts';
import { tenantItem } from '../../src/adapters/dynamodb/tenant.ts';
import { userItemKey } from '../../src/adapters/dynamodb/user.ts';
import { type RightName, rightNames, rightOf } from '../../src/api/rights.ts';
import type { Route } from '../../src/api/route.ts';
import { type Operation, routes } from '../../src/api/routes.ts';
import { newId, newTenantId, newUserId } from '../../src/entities/identifiers.ts';
import type { Integration } from '../../src/entities/integration.ts';
import { hashOf } from '../../src/entities/recognizable-secret.ts';
import type { User } from '../../src/entities/user.ts';
import { createAccessTokenVerifier } from '../../src/oauth/access-token/verifier.ts';
import { authorizedRights } from '../../src/oauth/authorization/authorized-rights.ts';
import { askedRights, isNothing } from '../../src/oauth/authorization/checks/rights.ts';
import { OAuthError } from '../../src/oauth/errors.ts';
import { formOfValues } from '../../src/oauth/form.ts';
import { activeTenant } from '../active-tenant.ts';
import { adminUrl, apiUrl, issuer, type Registered, registered } from '../src/oauth/authorization-server.ts';
import { deployAuthorizationServer, formOf } from './auth/authorization-server.ts';
import { authorizerEvent } from './authorizer/request.ts';
import { callHandler } from './deployment.ts';
import {
  type Asked,
  type Bearer,
  everywhere,
  type Person,
  type Role,
  rightsInQuestion,
  type Target,
} from './rights-model.ts';

type LambdaHandler = (event: APIGatewayProxyEvent, context: never) => Promise<APIGatewayProxyResult>;

const handlers: Readonly<Record<string, LambdaHandler>> = {
  'admin/authorizations': authorizationsHandler,
  'admin/integration-projects': integrationProjectsHandler,
  'admin/integrations': integrationsHandler,
  'admin/projects': projectsHandler,
  'admin/rights': rightsHandler,
  'admin/users': usersHandler,
  'api/projects': visibleProjectsHandler,
};

const verifier = 'v'.repeat(43);
const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
const apis = [
  { name: 'admin', url: adminUrl },
  { name: 'api', url: apiUrl },
];

/** The gates and endpoints of one deployment, as API Gateway brings requests to them. */
export async function deployRights() {
  const server = await deployAuthorizationServer();
  const clock = { now: () => Date.now() };
  const gateOf = (api: 'admin' | 'api', audience: string) =>
    authorizer({
      rows: rightsRows(Object.values<Route>(routes).filter((row) => row.api === api)),
      status: () => ({
        keys: keyRing(),
        verifier: createAccessTokenVerifier({ keys: keyRing(), clock, issuer, audience }),
        liveness: livenessReader(server.table),
        clock,
      }),
      uses: () => ({ noteUse: async () => {} }),
      origin: () => new URL(audience).origin,
      count: () => {},
    });
  const gates = { auth: undefined, admin: gateOf('admin', adminUrl), api: gateOf('api', apiUrl) };

  /** What the gate answers: the context of a call, `refused`, or `dead`. */
  async function gate(token: string, operation: Operation, path: Readonly<Record<string, string>> = {}) {
    const row: Route = routes[operation];
    const request = { resource: row.path, httpMethod: row.method, pathParameters: path };
    try {
      const answer = await gates[row.api]?.(authorizerEvent(`Bearer ${token}`, request));
      return answer?.policyDocument.Statement[0]?.Effect === 'Allow' ? answer.context : 'refused';
    } catch (error) {
      if (error instanceof Error && error.message === 'Unauthorized') return 'dead';
      throw error;
    }
  }

  /** A call, through the gate; its status, as a client sees it. */
  async function call(
    token: string,
    operation: Operation,
    path: Readonly<Record<string, string>> = {},
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const row: Route = routes[operation];
    const context = await gate(token, operation, path);
    if (context === 'dead') return { status: 401, body: undefined };
    if (context === 'refused' || context === undefined) return { status: 403, body: undefined };
    const handler = handlers[row.entry];
    if (handler === undefined) throw new Error(`no handler for ${row.entry}`);
    const passed: LambdaHandler = (event, lambda) =>
      handler({ ...event, requestContext: { ...event.requestContext, authorizer: context } } as never, lambda);
    return callHandler(passed)(`${row.method} ${row.path}`, { path, ...(body !== undefined && { body }) });
  }

  return { table: server.table, close: server.close, gate, call };
}

export type RightsDeployment = Awaited<ReturnType<typeof deployRights>>;

/** A tenant with everybody of the model in it. */
export async function newRightsWorld({ table, ...deployment }: RightsDeployment) {
  const tenant = newTenantId(randomBytes);
  const holding = (rights: readonly RightName[], more: Partial<Integration> = {}) =>
    registered(rights, { tenant, name: newId('name', randomBytes), ...more });
  const admin = holding(rightNames.filter((right) => !rightOf(right).operatorOnly));
  const registrar = holding(['integrations:manage', 'integrations:read', 'boards:read']);
  const X = holding([], { owner: registrar.integration.clientId });
  const Y = holding([], { owner: X.integration.clientId });
  const app = holding([...rightsInQuestion, 'integrations:manage'], {
    grantTypes: ['authorization_code'],
    redirectUris: ['https://app.example/callback'],
  });
  const clients: Readonly<Record<Exclude<Bearer, Person>, Registered>> = { admin, registrar, X, Y };
  await table.put(activeTenant(tenant));
  await table.put(tenantItem({ tenant, name: 'Tenant', operator: false, managers: 1 }));
  for (const { integration } of [...Object.values(clients), app])
    for (const item of [integrationItem(integration), integrationNameItem(integration)]) await table.put(item);
  const people: Record<Person, string> = { ada: newUserId(randomBytes), bob: newUserId(randomBytes) };
  for (const [username, id] of Object.entries(people)) {
    const user: User = {
      ...{ tenant, id, username, email: `${username}@example.com`, name: username, status: 'active' },
      ...{ roles: [username === 'ada' ? 'administrator' : 'member'], tokenGeneration: 0, version: 1, createdAt: '' },
    };
    await table.put({ ...userItemKey(tenant, id), ...user });
  }
  const token = callHandler(tokenHandler);
  const clientIdOf = (target: Target) => clients[target].integration.clientId;
  const reader = integrationReader(table);

  const parametersOf = (asked: Asked): Record<string, string> => {
    if (asked === 'all') return {};
    if (!('project' in asked)) return { scope: asked.right };
    const details = [{ type: 'project', identifier: asked.project, actions: [asked.right] }];
    return { authorization_details: JSON.stringify(details) };
  };

  async function issueTo(person: Person, asked: Asked): Promise<string | undefined> {
    const item = await table.get(userItemKey(tenant, people[person]));
    const user = item as unknown as User;
    const all = [...rightsInQuestion, 'integrations:manage'].join(' ');
    const parameters = asked === 'all' ? { scope: all } : parametersOf(asked);
    const values = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
    try {
      const given = authorizedRights(
        askedRights(formOfValues(values), app.integration, apis),
        app.integration,
        user,
        false,
      );
      if (isNothing(given)) return undefined;
      const now = new Date().toISOString();
      const code = newId('code', randomBytes);
      const [redirectUri = ''] = app.integration.redirectUris;
      const expiresAt = new Date(Date.now() + 60_000).toISOString();
      await authorizationCodes(table).create({
        ...{ tenant, hash: hashOf(code), clientId: app.integration.clientId, redirectUri, codeChallenge, expiresAt },
        family: {
          ...{ tenant, id: newId('fam', randomBytes), clientId: app.integration.clientId, operator: false, ...given },
          ...{
            grantType: 'authorization_code',
            createdAt: now,
            expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
          },
          user: { id: user.id, generation: 0, offline: true, authenticatedAt: now, methods: ['pwd'] },
        },
      });
      const redemption = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
      return (await token('POST /oauth2/token', formOf(app, redemption))).body.access_token;
    } catch (error) {
      if (error instanceof OAuthError) return undefined;
      throw error;
    }
  }

  return {
    /** @returns the token, or undefined where none is issued */
    async issue(bearer: Bearer, asked: Asked): Promise<string | undefined> {
      if (bearer === 'ada' || bearer === 'bob') return issueTo(bearer, asked);
      const parameters = { grant_type: 'client_credentials', ...parametersOf(asked) };
      return (await token('POST /oauth2/token', formOf(clients[bearer], parameters))).body.access_token;
    },
    /** The path's client id: `self` where somebody changes their own. */
    named: (bearer: Bearer, target: Target) => (bearer === target ? 'self' : clientIdOf(target)),
    clientIdOf,
    setRoles: (by: string, person: Person, roles: readonly Role[]) =>
      deployment.call(
        by,
        'changeUser',
        { user_id: people[person] },
        {
          roles: roles.map((role) =>
            typeof role === 'string' ? role : { role: 'project_administrator', project: role.administers },
          ),
        },
      ),
    /** What a target asked for, and what became of it, as it lies in the table. */
    async stored(target: Target): Promise<Readonly<Record<string, string>>> {
      const clientId = clientIdOf(target);
      const integration = await reader.get(tenant, clientId);
      const { items } = await projectRightsReader(table).list(tenant, clientId, { limit: 100 });
      const states = [
        ...Object.entries(integration?.rights ?? {}).map(
          ([right, { state }]) => [`${everywhere} ${right}`, state] as const,
        ),
        ...items.flatMap(({ project, rights }) =>
          Object.entries(rights).map(([right, { state }]) => [`${project} ${right}`, state] as const),
        ),
      ];
      return Object.fromEntries(states.sort());
    },
  };
}

export type RightsWorld = Awaited<ReturnType<typeof newRightsWorld>>;
