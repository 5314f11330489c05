import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds, isRight, rightNames, rightOf } from '../../../src/api/rights.ts';
import {
  InvalidAuthorizationDetails,
  InvalidScope,
  InvalidTarget,
  OAuthError,
  TooManyProjects,
} from '../../../src/oauth/errors.ts';
import { parseForm } from '../../../src/oauth/form.ts';
import { audienceOf, decideTokenRights, narrowedRights } from '../../../src/oauth/token-rights.ts';
import { adminUrl, apiUrl, formRequest, issuer } from './authorization-server.ts';

const apis = [
  { name: 'admin', url: adminUrl },
  { name: 'api', url: apiUrl },
];
const decide = (held: readonly string[], parameters: readonly (readonly [string, string])[] = []) =>
  decideTokenRights(parseForm(formRequest(parameters)), { global: held, byProject: {} }, apis);
const details = (...projects: readonly (readonly [string, readonly string[]])[]) =>
  [
    'authorization_details',
    JSON.stringify(projects.map(([identifier, actions]) => ({ type: 'project', identifier, actions }))),
  ] as const;

describe('without scope', () => {
  it('a token carries all that is held, for the APIs it belongs to', () => {
    expect(decide(['issues:write', 'users:read'])).toEqual({
      global: ['issues:write', 'users:read'],
      byProject: {},
      audience: [apiUrl],
    });
    expect(decide(['issues:read', 'audit:read']).audience).toEqual([adminUrl, apiUrl]);
  });

  it('holding nothing is invalid_scope', () => {
    expect(() => decide([])).toThrow(InvalidScope);
  });

  it('a right that left the catalogue is not carried', () => {
    expect(decide(['moon:land', 'issues:read']).global).toEqual(['issues:read']);
    expect(() => decide(['moon:land'])).toThrow(InvalidScope);
  });
});

describe('scope', () => {
  it('narrows to what it names', () => {
    expect(decide(['issues:read', 'audit:read'], [['scope', 'issues:read']])).toMatchObject({
      global: ['issues:read'],
      audience: [apiUrl],
    });
  });

  it('may name a right that a held one implies, and never the other way round', () => {
    expect(decide(['issues:write'], [['scope', 'issues:read']]).global).toEqual(['issues:read']);
    expect(() => decide(['issues:read'], [['scope', 'issues:write']])).toThrow(InvalidScope);
  });

  it.each(['users:manage', 'moon:land', 'openid', 'issues:read users:manage', 'ISSUES:READ'])(
    'is refused where one of it is not held: %s',
    (scope) => {
      expect(() => decide(['issues:read'], [['scope', scope]])).toThrow(InvalidScope);
    },
  );
});

describe('where not every project is listed in which something is held', () => {
  const held = { global: ['issues:read', 'users:read'], byProject: { PRJ: ['boards:read'] }, unlisted: true } as const;
  const narrowed = (...parameters: readonly (readonly [string, string])[]) =>
    decideTokenRights(parseForm(formRequest(parameters)), held, apis);

  it('all that is held, and what is not held globally, is asked for by naming projects', () => {
    expect(() => narrowed()).toThrow(TooManyProjects);
    expect(() => narrowed(['scope', 'users:read boards:read'])).toThrow(TooManyProjects);
    expect(() => narrowed(['scope', 'checklists:read'])).toThrow(TooManyProjects);
    expect(narrowed(['scope', 'users:read issues:read'])).toMatchObject({ global: ['users:read', 'issues:read'] });
    expect(narrowed(['scope', 'users:read boards:read'], details(['PRJ', ['boards:read']]))).toMatchObject({
      global: ['users:read'],
      byProject: { PRJ: ['boards:read'] },
    });
  });

  it('a right of the whole tenant is held or not', () => {
    expect(() => narrowed(['scope', 'users:manage'])).toThrow('a right that is not held');
    expect(() => narrowed(details(['OTHER', ['boards:read']]))).toThrow(InvalidAuthorizationDetails);
  });
});

describe('resource', () => {
  const held = ['issues:read', 'audit:read'];

  it('selects the audience, and the rights that belong to it', () => {
    expect(decide(held, [['resource', apiUrl]])).toMatchObject({ global: ['issues:read'], audience: [apiUrl] });
    expect(
      decide(held, [
        ['resource', apiUrl],
        ['resource', adminUrl],
        ['resource', apiUrl],
      ]),
    ).toMatchObject({ global: held, audience: [apiUrl, adminUrl] });
    expect(
      decide(held, [
        ['resource', apiUrl],
        ['scope', 'issues:read audit:read'],
      ]),
    ).toMatchObject({ global: ['issues:read'], audience: [apiUrl] });
  });

  it.each(['https://elsewhere.example', `${apiUrl}/`, issuer, 'api', apiUrl.toUpperCase()])(
    'that is unknown is invalid_target: %s',
    (resource) => {
      expect(() => decide(held, [['resource', resource]])).toThrow(InvalidTarget);
      expect(() =>
        decide(held, [
          ['resource', apiUrl],
          ['resource', resource],
        ]),
      ).toThrow(InvalidTarget);
    },
  );

  it('where nothing is held is invalid_target', () => {
    expect(() => decide(['issues:read'], [['resource', adminUrl]])).toThrow(InvalidTarget);
  });

  it('for which no right is asked is invalid_scope', () => {
    expect(() =>
      decide(held, [
        ['resource', adminUrl],
        ['scope', 'issues:read'],
      ]),
    ).toThrow(InvalidScope);
  });
});

describe('authorization_details', () => {
  const held = ['issues:write', 'users:read', 'authorizations:decide'];

  it('alone: the token carries nothing but them', () => {
    expect(decide(held, [details(['PRJ', ['issues:read']])])).toEqual({
      global: [],
      byProject: { PRJ: ['issues:read'] },
      audience: [apiUrl],
    });
  });

  it('narrow what scope names', () => {
    expect(decide(held, [['scope', 'issues:write users:read'], details(['PRJ', ['issues:write']])])).toMatchObject({
      global: ['users:read'],
      byProject: { PRJ: ['issues:write'] },
    });
  });

  it('are narrowed by resource', () => {
    const both = details(['PRJ', ['issues:read', 'authorizations:decide']], ['ADM', ['authorizations:decide']]);
    expect(decide(held, [both]).audience).toEqual([adminUrl, apiUrl]);
    expect(decide(held, [both, ['resource', apiUrl]])).toEqual({
      global: [],
      byProject: { PRJ: ['issues:read'] },
      audience: [apiUrl],
    });
  });

  it('of a right that is not held are refused', () => {
    expect(() => decide(['issues:read'], [details(['PRJ', ['issues:write']])])).toThrow(InvalidAuthorizationDetails);
    expect(() => decide(['issues:read'], [details(['PRJ', ['issues:read', 'boards:read']])])).toThrow(
      InvalidAuthorizationDetails,
    );
  });
});

describe('what is held in some projects', () => {
  const held = {
    global: ['users:read', 'boards:read'],
    byProject: { PRJ: ['issues:write', 'authorizations:decide'], ABC: ['issues:read'] },
  };
  const decideHeld = (parameters: readonly (readonly [string, string])[] = []) =>
    decideTokenRights(parseForm(formRequest(parameters)), held, apis);

  it('is carried for those projects and for no others', () => {
    expect(decideHeld()).toEqual({ ...held, audience: [adminUrl, apiUrl] });
  });

  it('is asked for by its name in every project where it is held', () => {
    expect(decideHeld([['scope', 'issues:read users:read']])).toEqual({
      global: ['users:read'],
      byProject: { PRJ: ['issues:read'], ABC: ['issues:read'] },
      audience: [apiUrl],
    });
    expect(decideHeld([['scope', 'issues:write']])).toMatchObject({ global: [], byProject: { PRJ: ['issues:write'] } });
  });

  it('is refused by its name where it is held in none', () => {
    expect(() => decideHeld([['scope', 'boards:write']])).toThrow(InvalidScope);
  });

  it('is narrowed to projects by details, and refused in others', () => {
    expect(decideHeld([['scope', 'issues:read boards:read'], details(['ABC', ['issues:read']])])).toMatchObject({
      global: ['boards:read'],
      byProject: { ABC: ['issues:read'] },
    });
    expect(decideHeld([details(['XYZ', ['boards:read']])])).toMatchObject({ byProject: { XYZ: ['boards:read'] } });
    for (const [project, name] of [
      ['ABC', 'issues:write'],
      ['XYZ', 'issues:read'],
    ] as const)
      expect(() => decideHeld([details([project, [name]])])).toThrow(InvalidAuthorizationDetails);
  });

  it('is narrowed by resource', () => {
    expect(decideHeld([['resource', adminUrl]])).toEqual({
      global: [],
      byProject: { PRJ: ['authorizations:decide'] },
      audience: [adminUrl],
    });
  });
});

describe('narrowing', () => {
  const held = { global: ['issues:write'], byProject: { PRJ: ['boards:read'] } };

  it('without a word leaves all, and by an empty scope nothing', () => {
    expect(narrowedRights(held, { resources: [] }, apis)).toEqual(held);
    expect(narrowedRights(held, { scope: [], resources: [] }, apis)).toEqual({ global: [], byProject: {} });
  });

  it('never widens', () => {
    expect(narrowedRights(held, { scope: ['issues:read'], resources: [] }, apis).global).toEqual(['issues:read']);
    for (const scope of [['users:read'], ['issues:write', 'boards:write'], ['openid']])
      expect(() => narrowedRights(held, { scope, resources: [] }, apis)).toThrow(InvalidScope);
    expect(() => narrowedRights(held, { resources: [adminUrl] }, apis)).toThrow(InvalidTarget);
  });
});

describe('the audience', () => {
  const rights = { global: ['issues:read'], byProject: { PRJ: ['authorizations:decide'] } };
  const none = { global: [], byProject: {} };

  it('is the APIs of the rights, in whichever context, or those that are selected', () => {
    expect(audienceOf(rights, [], apis)).toEqual([adminUrl, apiUrl]);
    expect(audienceOf(rights, [apiUrl, apiUrl], apis)).toEqual([apiUrl]);
    expect(() => audienceOf(rights, [issuer], apis)).toThrow(InvalidTarget);
  });

  it('holds the issuer besides where openid was granted, and nobody else', () => {
    expect(audienceOf(rights, [apiUrl], apis, { openid: issuer })).toEqual([apiUrl, issuer]);
    expect(audienceOf(none, [], apis, { openid: issuer })).toEqual([issuer]);
    expect(() => audienceOf(none, [], apis)).toThrow(InvalidScope);
  });
});

it('whatever is asked for, a token carries only what is held, for the APIs it names', () => {
  const right = fc.constantFrom<string>(...rightNames);
  const request = fc.record({
    held: fc.uniqueArray(right),
    scope: fc.option(fc.uniqueArray(right, { minLength: 1 })),
    project: fc.option(fc.uniqueArray(right, { minLength: 1 })),
    resources: fc.uniqueArray(fc.constantFrom(adminUrl, apiUrl)),
  });
  fc.assert(
    fc.property(request, ({ held, scope, project, resources }) => {
      const parameters: (readonly [string, string])[] = resources.map((url) => ['resource', url]);
      if (scope !== null) parameters.push(['scope', scope.join(' ')]);
      if (project !== null) parameters.push(details(['PRJ', project]));
      let decided: ReturnType<typeof decide>;
      try {
        decided = decide(held, parameters);
      } catch (error) {
        expect(error).toBeInstanceOf(OAuthError);
        return;
      }
      const carried = [...decided.global, ...Object.values(decided.byProject).flat()];
      expect(carried.length).toBeGreaterThan(0);
      for (const name of carried) {
        expect(holds(held, name)).toBe(true);
        const url = apis.find((api) => isRight(name) && api.name === rightOf(name).api)?.url;
        expect(decided.audience).toContain(url);
      }
      if (resources.length > 0) expect(decided.audience).toEqual(resources);
    }),
    { numRuns: 500 },
  );
});
