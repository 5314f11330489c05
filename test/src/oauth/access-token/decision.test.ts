import { describe, expect, test } from 'vitest';
import type { RightsRow } from '../../../../src/api/rights-row.ts';
import type { Holdings } from '../../../../src/entities/holdings.ts';
import type { TokenBearer } from '../../../../src/oauth/access-token/context.ts';
import { decide, type ProtectedRequest, RowMismatch, rowFinder } from '../../../../src/oauth/access-token/decision.ts';
import { clientId, tenant } from './scene.ts';

const global: RightsRow = { resource: '/v1/issues', method: 'GET', right: 'issues:read' };
const ofProject: RightsRow = {
  resource: '/v1/projects/{project}/issues',
  method: 'POST',
  right: 'issues:write',
  projectParameter: 'project',
};
const anyToken: RightsRow = { resource: '/v1/tenant', method: 'GET', right: 'any' };
const ofSelf: RightsRow = {
  resource: '/v1/integrations/{client_id}',
  method: 'GET',
  right: 'integrations:read',
  selfAllowed: true,
};

const bearer: TokenBearer = {
  kind: 'access-token',
  tenant,
  subject: clientId,
  clientId,
  credential: 'sec_1',
  tokenId: 'tok_1',
};

function decided(
  row: RightsRow,
  rights: Partial<Holdings>,
  pathParameters: Record<string, string> = {},
  by: TokenBearer = bearer,
  ofOperator = false,
) {
  const token = {
    active: true,
    bearer: by,
    ofOperator,
    rights: { global: [], byProject: {}, ...rights },
  } as const;
  return decide(row, { resource: row.resource, method: row.method, pathParameters }, token);
}

describe('a route of the global context', () => {
  test('opens to the right held there, or to one that implies it', () => {
    expect(decided(global, { global: ['issues:read'] })).toMatchObject({ allowed: true });
    expect(decided(global, { global: ['issues:write'] })).toMatchObject({ allowed: true });
  });

  test('stays closed to the right held in a project, and says which it was', () => {
    const rights = { byProject: { PRJ: ['issues:read'] } };
    expect(decided(global, rights)).toEqual({ allowed: false, needed: 'issues:read' });
  });
});

describe('a route of the platform operator', () => {
  const ofOperator: RightsRow = { resource: '/v1/tenants', method: 'GET', right: 'tenants:manage' };
  const everywhere = { global: ['tenants:manage', 'issues:read'], byProject: { PRJ: ['tenants:manage'] } };

  test("opens to its right in the operator's tenant", () => {
    const decision = decided(ofOperator, everywhere, {}, bearer, true);
    expect(decision).toMatchObject({ allowed: true, context: { ofOperator: true, rights: everywhere.global } });
  });

  test('stays closed in every other tenant, even where the right was granted', () => {
    expect(decided(ofOperator, everywhere)).toEqual({ allowed: false, needed: 'tenants:manage' });
  });

  test('is no gap beside itself: no endpoint of another tenant is told that the right is held', () => {
    const decision = decided(anyToken, everywhere);
    expect(decision).toMatchObject({ allowed: true, context: { rights: ['issues:read'], projectRights: { PRJ: [] } } });
    expect(decided(anyToken, everywhere, {}, bearer, true)).toMatchObject({
      allowed: true,
      context: { rights: everywhere.global },
    });
  });
});

describe("a project's route", () => {
  test('opens to the right held in that project, or in all', () => {
    const there = { byProject: { PRJ: ['issues:write'] } };
    expect(decided(ofProject, there, { project: 'PRJ' })).toMatchObject({ allowed: true, context: { project: 'PRJ' } });
    expect(decided(ofProject, { global: ['issues:write'] }, { project: 'PRJ' })).toMatchObject({ allowed: true });
  });

  test.each(['OTHER', 'prj', 'PRJ/', '', '__proto__', 'constructor'])('stays closed in %j', (project) => {
    const there = { byProject: { PRJ: ['issues:write'] } };
    expect(decided(ofProject, there, { project })).toEqual({ allowed: false, needed: 'issues:write' });
  });

  test('stays closed to a right that is implied by the one it needs', () => {
    const there = { byProject: { PRJ: ['issues:read'] } };
    expect(decided(ofProject, there, { project: 'PRJ' })).toEqual({ allowed: false, needed: 'issues:write' });
  });

  test('whose row names a parameter that the route has not is a fault, not a refusal', () => {
    expect(() => decided(ofProject, { global: ['issues:write'] })).toThrow(RowMismatch);
  });
});

describe('a route that another right opens too, in the project that it names', () => {
  const either: RightsRow = {
    resource: '/v1/integrations/{client_id}/projects/{project}',
    method: 'DELETE',
    right: 'integrations:manage',
    orRight: 'authorizations:decide',
    projectParameter: 'project',
  };
  const path = { client_id: 'int_other', project: 'PRJ' };

  test('opens to either', () => {
    for (const right of ['integrations:manage', 'authorizations:decide'])
      expect(decided(either, { global: [right] }, path)).toMatchObject({ allowed: true });
    const there = { byProject: { PRJ: ['authorizations:decide'] } };
    expect(decided(either, there, path)).toMatchObject({ allowed: true, context: { project: 'PRJ' } });
  });

  test('stays closed to the other one held elsewhere, and says the first', () => {
    const elsewhere = { byProject: { OTHER: ['authorizations:decide'], PRJ: ['issues:write'] } };
    expect(decided(either, elsewhere, path)).toEqual({ allowed: false, needed: 'integrations:manage' });
  });
});

describe('a route that the right opens in whichever project', () => {
  const anywhere: RightsRow = {
    resource: '/v1/authorizations',
    method: 'GET',
    right: 'authorizations:decide',
    inAnyProject: true,
  };

  test('opens to the right held in one, or globally', () => {
    expect(decided(anywhere, { global: ['authorizations:decide'] })).toMatchObject({ allowed: true });
    const there = { byProject: { PRJ: ['issues:read'], OTHER: ['authorizations:decide'] } };
    expect(decided(anywhere, there)).toMatchObject({ allowed: true, context: { projectRights: there.byProject } });
  });

  test('stays closed to other rights there', () => {
    const there = { global: ['users:manage'], byProject: { PRJ: ['issues:write'] } };
    expect(decided(anywhere, there)).toEqual({ allowed: false, needed: 'authorizations:decide' });
  });

  test('and no other route of the global context takes it for enough', () => {
    const { inAnyProject: _, ...row } = anywhere;
    expect(decided(row, { byProject: { PRJ: ['authorizations:decide'] } })).toMatchObject({ allowed: false });
  });
});

test('a route for any token needs no right', () => {
  expect(decided(anyToken, {})).toMatchObject({ allowed: true });
});

describe('a route that a token may use on its own integration', () => {
  test('needs no right for self', () => {
    expect(decided(ofSelf, {}, { client_id: 'self' })).toMatchObject({ allowed: true });
  });

  test("needs it for a change by one of the integration's users, who may read it", () => {
    const change: RightsRow = { ...ofSelf, method: 'PUT', right: 'integrations:manage' };
    const ofUser = { ...bearer, subject: 'usr_1' };
    const self = { client_id: 'self' };
    expect(decided(change, {}, self)).toMatchObject({ allowed: true });
    expect(decided(change, {}, self, ofUser)).toEqual({ allowed: false, needed: 'integrations:manage' });
    expect(decided(change, { global: ['integrations:manage'] }, self, ofUser)).toMatchObject({ allowed: true });
    expect(decided(ofSelf, {}, self, ofUser)).toMatchObject({ allowed: true });
  });

  test('needs it for every other, its own id written out included', () => {
    for (const client_id of ['int_other', clientId, 'SELF', 'self/'])
      expect(decided(ofSelf, {}, { client_id })).toEqual({ allowed: false, needed: 'integrations:read' });
    expect(decided(ofSelf, { global: ['integrations:read'] }, { client_id: 'int_other' })).toMatchObject({
      allowed: true,
    });
  });

  test('and no other route takes self for an exemption', () => {
    const { selfAllowed: _, ...row } = ofSelf;
    expect(decided(row, {}, { client_id: 'self' })).toMatchObject({ allowed: false });
  });
});

test('an endpoint learns who calls and what they hold', () => {
  const rights = { global: ['users:read'], byProject: { PRJ: ['issues:write'] } };
  expect(decided(ofProject, rights, { project: 'PRJ' })).toEqual({
    allowed: true,
    context: {
      ...bearer,
      ofOperator: false,
      rights: ['users:read'],
      projectRights: { PRJ: ['issues:write'] },
      project: 'PRJ',
    },
  });
});

test('a row is found by method and resource, and a route without one is a fault', () => {
  const find = rowFinder([global, ofProject]);
  const request = (method: string, resource: string): ProtectedRequest => ({ method, resource, pathParameters: {} });
  expect(find(request('POST', ofProject.resource))).toBe(ofProject);
  expect(() => find(request('GET', ofProject.resource))).toThrow(RowMismatch);
  expect(() => find(request('GET', '/v1/projects/PRJ/issues'))).toThrow(RowMismatch);
});
