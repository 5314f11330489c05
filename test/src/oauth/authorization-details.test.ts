import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuthorizationDetails } from '../../../src/oauth/authorization-details.ts';
import { InvalidAuthorizationDetails } from '../../../src/oauth/errors.ts';

const detail = { type: 'project', identifier: 'PRJ', actions: ['issues:read'] };
const parse = (value: unknown) => parseAuthorizationDetails(JSON.stringify(value));

describe('authorization details', () => {
  it('name rights in projects', () => {
    expect(parse([detail, { ...detail, identifier: 'A1', actions: ['boards:read', 'boards:write'] }])).toEqual([
      { project: 'PRJ', rights: ['issues:read'] },
      { project: 'A1', rights: ['boards:read', 'boards:write'] },
    ]);
  });

  it('that name a project twice are put together', () => {
    expect(parse([detail, { ...detail, actions: ['issues:read', 'boards:read'] }])).toEqual([
      { project: 'PRJ', rights: ['issues:read', 'boards:read'] },
    ]);
  });

  it.each<[string, unknown]>([
    ['no list', detail],
    ['an empty list', []],
    ['null', [null]],
    ['another type', [{ ...detail, type: 'payment' }]],
    ['no type', [{ identifier: 'PRJ', actions: ['issues:read'] }]],
    ['an unknown member', [{ ...detail, locations: [] }]],
    ['no project', [{ type: 'project', actions: ['issues:read'] }]],
    ['no project key', [{ ...detail, identifier: 'prj' }]],
    ['no actions', [{ type: 'project', identifier: 'PRJ' }]],
    ['empty actions', [{ ...detail, actions: [] }]],
    ['an action that is no text', [{ ...detail, actions: [['issues:read']] }]],
    ['an unknown right', [{ ...detail, actions: ['moon:land'] }]],
    ['a right of the whole tenant', [{ ...detail, actions: ['users:read'] }]],
    ['one that is bad beside one that is good', [detail, { ...detail, actions: ['moon:land'] }]],
  ])('are refused with %s', (_, value) => {
    expect(() => parse(value)).toThrow(InvalidAuthorizationDetails);
  });

  it('that would not fit into a token are refused', () => {
    const projects = (count: number) => Array.from({ length: count }, (_, at) => ({ ...detail, identifier: `P${at}` }));
    expect(parse(projects(25))).toHaveLength(25);
    expect(() => parse(projects(40))).toThrow(InvalidAuthorizationDetails);
  });

  it('are refused or read, whatever they are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseAuthorizationDetails(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidAuthorizationDetails);
        }
      }),
    );
  });
});
