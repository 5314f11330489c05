import { describe, expect, it } from 'vitest';
import {
  grantsIn,
  isListedInPart,
  lengthOfDetails,
  noProjectGrants,
  type ProjectGrants,
  projectGrantsAfter,
  projectGrantsLimit,
} from '../../../src/entities/project-rights.ts';
import { inProjects, projectRightsOf } from '../../project-grants.ts';

const integration = { tenant: 'ten_1', clientId: 'int_1' };
const row = (project: string, rights: readonly string[], state?: 'pending' | 'revoked') =>
  projectRightsOf(integration, project, rights, state);

describe('what is granted in single projects', () => {
  it('is counted and listed with each change', () => {
    const first = projectGrantsAfter({}, [
      { after: row('PRJ', ['issues:read']) },
      { after: row('SHOP', ['boards:read']) },
    ]);
    expect(first).toEqual({ count: 2, listed: { PRJ: ['issues:read'], SHOP: ['boards:read'] } });
    const more = { before: row('PRJ', ['issues:read']), after: row('PRJ', ['issues:read', 'boards:read']) };
    const second = projectGrantsAfter({ projectGrants: first }, [more]);
    expect(second).toEqual({ count: 2, listed: { PRJ: ['issues:read', 'boards:read'], SHOP: ['boards:read'] } });
    expect(projectGrantsAfter({ projectGrants: second }, [{ before: row('SHOP', ['boards:read']) }])).toEqual({
      count: 1,
      listed: { PRJ: ['issues:read', 'boards:read'] },
    });
  });

  it.each(['pending', 'revoked'] as const)('is nothing that is %s', (state) => {
    expect(projectGrantsAfter({}, [{ after: row('PRJ', ['issues:read'], state) }])).toEqual(noProjectGrants);
    const before = row('PRJ', ['issues:read']);
    const granted: ProjectGrants = { count: 1, listed: { PRJ: ['issues:read'] } };
    expect(
      projectGrantsAfter({ projectGrants: granted }, [{ before, after: row('PRJ', ['issues:read'], state) }]),
    ).toEqual(noProjectGrants);
  });

  it('is listed up to what fits into a token, to the character, and counted past it', () => {
    const fitting = Object.entries(inProjects(81, 'issues:read'));
    while (lengthOfDetails(Object.fromEntries(fitting)) > projectGrantsLimit) fitting.pop();
    const changes = fitting.map(([project, rights]) => ({ after: row(project, rights) }));
    const full = projectGrantsAfter({}, changes);
    expect(full).toEqual({ count: fitting.length, listed: Object.fromEntries(fitting) });
    const past = projectGrantsAfter({ projectGrants: full }, [{ after: row('ONE', ['issues:read']) }]);
    expect(past).toEqual({ count: fitting.length + 1 });
    // What is listed no more is not guessed at; whoever has read all of it says so.
    const fewer = { before: row('ONE', ['issues:read']) };
    expect(projectGrantsAfter({ projectGrants: past }, [fewer])).toEqual({ count: fitting.length });
    expect(projectGrantsAfter({ projectGrants: past }, [fewer], Object.fromEntries(fitting))).toEqual(full);
  });
});

describe('of what was looked at alone', () => {
  const many = { projectGrants: { count: 10_000 } };

  it('as much is listed as is granted there', () => {
    const found = [row('PRJ', ['issues:read']), row('SHOP', ['issues:read'], 'revoked')];
    expect(grantsIn(many, ['PRJ', 'SHOP', 'NONE'], found)).toEqual({
      count: 10_000,
      listed: { PRJ: ['issues:read'] },
      partial: true,
    });
  });

  it('the rows count there, and elsewhere what is listed', () => {
    const listed = { PRJ: ['boards:read'], SHOP: ['boards:read'], OTHER: ['boards:read'] };
    const found = [row('PRJ', ['issues:read'])];
    expect(grantsIn({ projectGrants: { count: 3, listed } }, ['PRJ', 'SHOP'], found)).toEqual({
      count: 3,
      listed: { OTHER: ['boards:read'], PRJ: ['issues:read'] },
    });
  });

  it('it is told from what is listed as a whole', () => {
    expect(isListedInPart({})).toBe(false);
    expect(isListedInPart({ projectGrants: { count: 1, listed: { PRJ: ['issues:read'] } } })).toBe(false);
    expect(isListedInPart(many)).toBe(true);
    expect(isListedInPart({ projectGrants: grantsIn(many, ['PRJ'], []) })).toBe(true);
  });
});
