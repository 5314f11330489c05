import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authorizer } from '../../../functions/authorizer/authorizer.ts';
import type { Item } from '../../../src/adapters/dynamodb/commands.ts';
import { consentKey } from '../../../src/adapters/dynamodb/consent.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { livenessReader } from '../../../src/adapters/dynamodb/liveness.ts';
import { projectItemKey } from '../../../src/adapters/dynamodb/project.ts';
import { projectRightsItem, projectRightsKey } from '../../../src/adapters/dynamodb/project-rights.ts';
import { sessionKey } from '../../../src/adapters/dynamodb/session.ts';
import { tenantStandingItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { tokenFamilyKey } from '../../../src/adapters/dynamodb/token-family.ts';
import { userItemKey } from '../../../src/adapters/dynamodb/user.ts';
import { rightNames, rightOf } from '../../../src/api/rights.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { lengthOfDetails, projectGrantsLimit } from '../../../src/entities/project-rights.ts';
import type { Role } from '../../../src/entities/user.ts';
import { decodeContext } from '../../../src/oauth/access-token/context.ts';
import { activeTenant } from '../../active-tenant.ts';
import {
  type ByProject,
  inProjects,
  itemsOf,
  projectItem,
  projectKeys,
  projectRightsOf,
} from '../../project-grants.ts';
import { type EmbeddedTable, openEmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { delegated, newDelegation, newIntegration, newScene, userId } from '../../src/oauth/access-token/scene.ts';
import { authorizerEvent } from './request.ts';

const issues = '/v1/projects/{project}/issues';
const projectRights = rightNames.filter((right) => rightOf(right).level === 'project');

let embedded: EmbeddedTable;
let scene: ReturnType<typeof newScene>;
let authorize: ReturnType<typeof authorizer>;
beforeAll(async () => {
  embedded = await openEmbeddedTable();
  scene = newScene();
  authorize = authorizer({
    rows: [
      { resource: issues, method: 'GET', right: 'issues:read', projectParameter: 'project' },
      { resource: issues, method: 'POST', right: 'issues:write', projectParameter: 'project' },
      { resource: '/v1/issues', method: 'GET', right: 'issues:read' },
      { resource: '/v1/projects', method: 'GET', right: 'any' },
    ],
    status: () => ({ ...scene.services, liveness: livenessReader(embedded.table) }),
    uses: () => ({ noteUse: async () => {} }),
    origin: () => 'https://api.example',
    count: () => {},
  });
});
afterAll(() => embedded.close());

let tenant: string;
let integration: Integration;
beforeEach(async () => {
  tenant = newTenantId(randomBytes);
  integration = { ...newIntegration(), tenant, clientId: newClientId(tenant, randomBytes), rights: {} };
  await put(activeTenant(tenant));
});

async function put(...items: readonly Item[]): Promise<void> {
  for (const item of items) await embedded.table.put(item);
  embedded.calls();
}

/** A token of the integration that carries these rights in single projects. */
function carrying(byProject: ByProject, more: Readonly<Record<string, unknown>> = {}): string {
  const { clientId } = integration;
  const details = Object.entries(byProject).map(([identifier, actions]) => ({ type: 'project', identifier, actions }));
  const ofClient = { tenant, client_id: clientId, sub: clientId, scope: undefined };
  return scene.token({ ...ofClient, ...(details.length > 0 && { authorization_details: details }), ...more });
}

const inProject = (project: string, httpMethod = 'GET') => ({
  resource: issues,
  httpMethod,
  pathParameters: { project },
});
const anywhere = { resource: '/v1/projects', httpMethod: 'GET' };

async function effect(token: string, request: Parameters<typeof authorizerEvent>[1]) {
  const answer = await authorize(authorizerEvent(`Bearer ${token}`, request));
  return answer.policyDocument.Statement[0]?.Effect;
}

describe('a token that is limited to projects', () => {
  beforeEach(() => put(...itemsOf(integration, { PRJ: ['issues:read'], SHOP: ['issues:write'] })));

  it('opens these, each for what is held there, and no other', async () => {
    const token = carrying({ PRJ: ['issues:read'], SHOP: ['issues:write'] });
    expect(await effect(token, inProject('PRJ'))).toBe('Allow');
    expect(await effect(token, inProject('PRJ', 'POST'))).toBe('Deny');
    expect(await effect(token, inProject('SHOP', 'POST'))).toBe('Allow');
    await put(...itemsOf(integration, { OTHER: ['issues:read'] }));
    expect(await effect(token, inProject('OTHER'))).toBe('Deny');
    expect(await effect(token, { resource: '/v1/issues', httpMethod: 'GET' })).toBe('Deny');
  });

  it.each(['prj', 'PRJ#', 'PRJ/..', 'P', '__proto__', `PRJ#${'A'.repeat(3000)}`])(
    'opens nothing that is called no project: %s',
    async (project) => {
      const token = carrying({ PRJ: ['issues:read'], [project]: ['issues:read'] });
      expect(await effect(token, inProject(project))).toBe('Deny');
    },
  );

  it('costs one round trip, and tells an endpoint of the project in question alone', async () => {
    const token = carrying({ PRJ: ['issues:read'], SHOP: ['issues:write'] });
    embedded.calls();
    const { context } = await authorize(authorizerEvent(`Bearer ${token}`, inProject('PRJ')));
    expect(embedded.calls()).toEqual({ BatchGetItem: 1 });
    expect(context).toMatchObject({ project: 'PRJ', project_rights: '{"PRJ":["issues:read"]}', rights: '' });
  });

  it('is refused once the right is revoked there, and works again once it is granted anew', async () => {
    const token = carrying({ PRJ: ['issues:read'] });
    for (const state of ['revoked', 'pending', 'declined'] as const) {
      await put(projectRightsItem(projectRightsOf(integration, 'PRJ', ['issues:read'], state)));
      expect(await effect(token, inProject('PRJ'))).toBe('Deny');
    }
    await put(projectRightsItem(projectRightsOf(integration, 'PRJ', ['issues:read'])));
    expect(await effect(token, inProject('PRJ'))).toBe('Allow');
  });

  it('is refused once the integration is withdrawn from the project, or the project is deleted', async () => {
    const token = carrying({ PRJ: ['issues:read'], SHOP: ['issues:write'] });
    await embedded.table.transact([{ delete: projectRightsKey(tenant, integration.clientId, 'PRJ') }]);
    expect(await effect(token, inProject('PRJ'))).toBe('Deny');
    expect(await effect(token, inProject('SHOP'))).toBe('Allow');
    await embedded.table.transact([{ delete: projectItemKey(tenant, 'SHOP') }]);
    expect(await effect(token, inProject('SHOP'))).toBe('Deny');
  });

  it('is dead while its tenant is suspended, and alive after', async () => {
    const token = carrying({ PRJ: ['issues:read'] });
    await put(tenantStandingItem({ tenant, status: 'suspended', operator: false }));
    await expect(effect(token, inProject('PRJ'))).rejects.toThrow(/^Unauthorized$/);
    await put(activeTenant(tenant));
    expect(await effect(token, inProject('PRJ'))).toBe('Allow');
  });
});

describe('a token that carries a right globally', () => {
  const token = () => carrying({}, { scope: 'issues:read' });

  it('opens, once the right is held in one project alone, that project', async () => {
    await put(...itemsOf(integration, { PRJ: ['issues:read'] }));
    expect(await effect(token(), inProject('PRJ'))).toBe('Allow');
    expect(await effect(token(), inProject('SHOP'))).toBe('Deny');
    expect(await effect(token(), { resource: '/v1/issues', httpMethod: 'GET' })).toBe('Deny');
  });

  it('opens it too where the integration is granted rights in ten thousand', async () => {
    await put(...itemsOf(integration, inProjects(100, 'issues:read')));
    expect(await effect(token(), inProject('DV'))).toBe('Allow');
    expect(embedded.calls()).toEqual({ BatchGetItem: 1 });
  });
});

describe('a token that acts for the administrator of a project', () => {
  const rights = { global: ['issues:write'], byProject: {} };
  const { user, consent, session, family } = newDelegation();
  const withRoles = (...roles: readonly Role[]) =>
    put({ ...userItemKey(tenant, userId), ...user, tenant, roles: ['member', ...roles] });

  beforeEach(async () => {
    const ours = { tenant, clientId: integration.clientId };
    await put({ ...consentKey(tenant, userId, integration.clientId), ...consent, ...ours });
    await put({ ...sessionKey(tenant, userId, session.id), ...session, tenant });
    await put({ ...tokenFamilyKey(tenant, family.id), ...family, ...ours, rights });
    const granted = { 'issues:write': { state: 'granted', requestedBy: 'usr_1' } } as const;
    await put(integrationItem({ ...integration, grantTypes: ['authorization_code'], rights: granted }));
    for (const project of ['PRJ', 'SHOP']) await put(projectItem(tenant, project));
  });

  it('opens the project while it exists and they administer it, and no other', async () => {
    const token = carrying({}, { scope: 'issues:write', ...delegated });
    await withRoles({ role: 'project_administrator', project: 'PRJ' });
    expect(await effect(token, inProject('PRJ', 'POST'))).toBe('Allow');
    expect(await effect(token, inProject('SHOP', 'POST'))).toBe('Deny');
    await withRoles();
    expect(await effect(token, inProject('PRJ', 'POST'))).toBe('Deny');
    await withRoles({ role: 'project_administrator', project: 'PRJ' });
    await embedded.table.transact([{ delete: projectItemKey(tenant, 'PRJ') }]);
    expect(await effect(token, inProject('PRJ', 'POST'))).toBe('Deny');
  });
});

describe('the largest token', () => {
  /** As many projects as fit, with these rights in each. */
  function largest(keys: readonly string[], rights: readonly string[]): ByProject {
    const fitting = keys.map((key) => [key, rights] as const);
    while (lengthOfDetails(Object.fromEntries(fitting)) > projectGrantsLimit) fitting.pop();
    return Object.fromEntries(fitting);
  }

  it('is decided on in one BatchGetItem of at most a hundred keys', async () => {
    const shortest = [...projectRights].sort((one, other) => one.length - other.length).slice(0, 1);
    const byProject = largest(projectKeys(100), shortest);
    await put(...itemsOf(integration, byProject));
    const keys: number[] = [];
    const liveness = livenessReader({
      ...embedded.table,
      batchGet: (asked) => {
        keys.push(asked.length);
        return embedded.table.batchGet(asked);
      },
    });
    const everything = {
      ...{ tenant, clientId: integration.clientId, tokenId: 'tok_1', kid: 'kid', familyId: 'fam_1', userId },
      ...{ sessionId: 'ses_1', applicationId: `app_${'0'.repeat(38)}` },
    };
    const found = await liveness.read({ ...everything, projects: Object.keys(byProject) });
    expect(found.integration?.projectGrants?.listed).toEqual(byProject);
    expect(keys).toEqual([Object.keys(byProject).length + 9]);
    expect(keys[0]).toBeLessThanOrEqual(100);
  });

  it.each([
    ['in the most projects', projectKeys(100), ['issues:read']],
    ['with the most rights in each', projectKeys(100), projectRights],
    ['with the longest keys', projectKeys(100).map((key) => key.padEnd(10, 'X')), projectRights],
  ])('%s: what an endpoint is told of it fits into 8 kB', async (_, keys, rights) => {
    const byProject = largest(keys, rights);
    const everywhere = rightNames.filter((right) => rightOf(right).level === 'global');
    const granted = everywhere.map((right) => [right, { state: 'granted', requestedBy: 'usr_1' }] as const);
    await put(...itemsOf({ ...integration, rights: Object.fromEntries(granted) }, byProject));
    const token = carrying(byProject, { scope: everywhere.join(' ') });
    const answer = await authorize(authorizerEvent(`Bearer ${token}`, anywhere));
    expect(embedded.calls()).toEqual({ BatchGetItem: 1 });
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(8_192);
    expect(decodeContext(answer.context, 'GET /v1/projects').projectRights).toEqual(byProject);
  });
});
