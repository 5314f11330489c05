import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds, rightNames, rightOf } from '../../../src/api/rights.ts';
import { MissingRights } from '../../../src/entities/errors.ts';
import type { Integration, RequestedRight } from '../../../src/entities/integration.ts';
import {
  type Caller,
  mustHoldItsRights,
  requestedRights,
  rightsAskedBesides,
} from '../../../src/entities/requested-rights.ts';
import { holdsIn } from '../../../src/oauth/holdings.ts';

const at = '2026-11-21T10:00:00.000Z';
const callerIn = (byProject: Record<string, string[]>, ...global: string[]): Caller => ({
  tenant: 'ten_1',
  subject: 'usr_caller',
  clientId: 'int_caller',
  holds: (right, project) => holdsIn({ global, byProject }, right, project),
  lackedInSomeProject: () =>
    rightNames.filter((name) => rightOf(name).level === 'project' && !holdsIn({ global, byProject: {} }, name)),
});
const caller = (...held: string[]): Caller => callerIn({}, ...held);
const earlier = (state: RequestedRight['state']): RequestedRight => ({ state, requestedBy: 'usr_earlier' });
/** Another integration than the caller's. */
const integration = { clientId: 'int_asking' };
const asked = { requestedBy: 'usr_caller', requestedAt: at };
const granted = { ...asked, state: 'granted', decidedBy: 'usr_caller', decidedAt: at };
const waiting = { ...asked, state: 'pending' };

function missing(decide: () => unknown): readonly string[] {
  try {
    decide();
  } catch (error) {
    if (error instanceof MissingRights) return error.rights;
    throw error;
  }
  return [];
}

describe('the rights that are asked for', () => {
  it('stay as they are where they were granted or wait, and go where they are named no more', () => {
    const before = {
      'issues:read': earlier('granted'),
      'boards:read': earlier('pending'),
      'users:read': earlier('granted'),
    };
    const after = requestedRights(before, ['issues:read', 'boards:read'], { caller: caller(), at, integration });
    expect(after).toEqual({ 'issues:read': earlier('granted'), 'boards:read': earlier('pending') });
  });

  it('keep their state whatever the caller holds by now', () => {
    const before = { 'issues:read': earlier('pending') };
    expect(requestedRights(before, ['issues:read'], { caller: caller('issues:read'), at, integration })).toEqual(
      before,
    );
  });

  it.each(['declined', 'revoked'] as const)('wait anew where they were %s, whoever asks again', (state) => {
    const before = { 'issues:read': { ...earlier(state), decidedBy: 'usr_decider', comment: 'No.' } };
    const again = (by: Caller) => requestedRights(before, ['issues:read'], { caller: by, at, integration });
    expect(again(caller())).toEqual({ 'issues:read': waiting });
    expect(again(caller('issues:read'))).toEqual({ 'issues:read': waiting });
  });

  it('are granted where the caller holds them in that context, or one that implies them, and wait otherwise', () => {
    const some = fc.subarray([...rightNames]);
    const context = fc.constantFrom(undefined, 'PRJ', 'OTHER');
    fc.assert(
      fc.property(some, some, some, context, (global, inProject, wanted, project) => {
        const by = callerIn({ PRJ: inProject }, ...global);
        const after = requestedRights({}, wanted, { caller: by, at, integration, project });
        const held = project === 'PRJ' ? [...global, ...inProject] : global;
        expect(after).toEqual(Object.fromEntries(wanted.map((name) => [name, holds(held, name) ? granted : waiting])));
      }),
    );
  });

  it('wait where an integration asks for itself, whatever its token was found to hold', () => {
    const by = caller('issues:write');
    const own = { caller: by, at, integration: { clientId: by.clientId } };
    expect(requestedRights({}, ['issues:read'], own)).toEqual({ 'issues:read': waiting });
    expect(requestedRights({}, ['issues:read'], { ...own, integration })).toEqual({ 'issues:read': granted });
    expect(requestedRights({ 'issues:write': earlier('granted') }, ['issues:write'], own)).toEqual({
      'issues:write': earlier('granted'),
    });
  });

  it('besides others leave those as they are', () => {
    const before = { 'issues:read': earlier('declined'), 'boards:read': earlier('granted') };
    const after = rightsAskedBesides(before, ['boards:read', 'issues:write'], {
      ...{ caller: caller(), at, integration, project: 'PRJ' },
    });
    expect(after).toEqual({ ...before, 'issues:write': waiting });
  });
});

describe("an integration's credentials", () => {
  const rights = {
    'issues:write': earlier('granted'),
    'users:read': earlier('granted'),
    'boards:read': earlier('revoked'),
  };
  const integration = { owner: 'usr_owner', rights } as unknown as Integration;

  it('are open to its owner', () => {
    expect(missing(() => mustHoldItsRights({ ...caller(), subject: 'usr_owner' }, integration))).toEqual([]);
  });

  it('are open to who holds all that it was granted, and to nobody who lacks one', () => {
    expect(missing(() => mustHoldItsRights(caller('issues:write', 'users:read'), integration))).toEqual([]);
    expect(missing(() => mustHoldItsRights(caller('issues:read', 'users:read'), integration))).toEqual([
      'issues:write',
    ]);
    expect(missing(() => mustHoldItsRights(caller(), integration))).toEqual(['issues:write', 'users:read']);
  });

  describe('of what it was granted in single projects', () => {
    const inProjects = (projectGrants: Integration['projectGrants']) =>
      ({ owner: 'usr_owner', rights: {}, projectGrants }) as unknown as Integration;
    const listed = inProjects({ count: 2, listed: { PRJ: ['issues:write'], OTHER: ['boards:read'] } });

    it('are open to who holds it in those projects, or in all', () => {
      const there = callerIn({ PRJ: ['issues:write'], OTHER: ['boards:write'] });
      expect(missing(() => mustHoldItsRights(there, listed))).toEqual([]);
      expect(missing(() => mustHoldItsRights(caller('issues:write', 'boards:read'), listed))).toEqual([]);
    });

    it('are closed to who holds it elsewhere', () => {
      const elsewhere = callerIn({ PRJ: ['issues:read', 'boards:read'], OTHER: ['issues:write'] });
      expect(missing(() => mustHoldItsRights(elsewhere, listed))).toEqual(['issues:write', 'boards:read']);
    });

    it('are open to who holds every right of the level in every project, where it is more than is listed', () => {
      const many = inProjects({ count: 1000 });
      const everyRight = rightNames.filter((name) => rightOf(name).level === 'project');
      expect(missing(() => mustHoldItsRights(caller(...everyRight), many))).toEqual([]);
      const short = everyRight.filter((name) => name !== 'projects:read');
      expect(missing(() => mustHoldItsRights(caller(...short), many))).toEqual(['projects:read']);
    });
  });
});
