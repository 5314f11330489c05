import { expect, test } from 'vitest';
import { Forbidden } from '../../../../src/entities/errors.ts';
import { type AuthorizerContext, decodeContext, encodeContext } from '../../../../src/oauth/access-token/context.ts';

const context: AuthorizerContext = {
  kind: 'access-token',
  tenant: 'ten_1',
  ofOperator: false,
  subject: 'usr_1',
  clientId: 'int_1',
  credential: 'sec_1',
  rights: ['issues:read', 'users:read'],
  projectRights: { PRJ: ['issues:write'] },
  project: 'PRJ',
  tokenId: 'tok_1',
};

const route = 'GET /v1/projects/{project}/issues';

test('what an endpoint decodes is what the authorizer encoded, through strings alone', () => {
  const wire = encodeContext(context, route);
  expect(Object.values(wire).every((value) => typeof value === 'string')).toBe(true);
  // API Gateway adds members of its own.
  expect(decodeContext({ ...wire, principalId: 'usr_1', integrationLatency: 3 }, route)).toEqual(context);
});

test.each(['familyId', 'sessionId', 'consentId'] as const)('%s is told where the token has one', (member) => {
  const told = { ...context, [member]: 'x_1' };
  expect(decodeContext(encodeContext(told, route), route)).toEqual(told);
  expect(decodeContext(encodeContext(context, route), route)).not.toHaveProperty(member);
});

test('a personal access token is told from an access token, and no third kind from either', () => {
  const personal = { ...context, kind: 'personal-access-token' } as const;
  expect(decodeContext(encodeContext(personal, route), route)).toMatchObject({ kind: 'personal-access-token' });
  expect(() => decodeContext({ ...encodeContext(context, route), token_kind: 'other' }, route)).toThrow();
});

test('a caller without rights or project is one without rights or project', () => {
  const { project: _, ...rest } = context;
  const bare = { ...rest, rights: [], projectRights: {} };
  expect(encodeContext(bare, route)).not.toHaveProperty('project_rights');
  expect(decodeContext(encodeContext(bare, route), route)).toEqual(bare);
});

test.each([undefined, null, {}, { tenant: 'ten_1' }])('an endpoint without an authorizer has no caller: %j', (wire) => {
  expect(() => decodeContext(wire, route)).toThrow();
});

test.each(['POST /v1/projects/{project}/issues', 'GET /v1/projects', '', `${route}/`])(
  'what was decided on another route opens none: %j',
  (other) => {
    expect(() => decodeContext(encodeContext(context, other), route)).toThrow(Forbidden);
    expect(decodeContext(encodeContext(context, route), route)).toEqual(context);
  },
);
