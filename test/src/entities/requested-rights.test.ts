import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds, rightNames } from '../../../src/api/rights.ts';
import { MissingRights } from '../../../src/entities/errors.ts';
import type { Integration, RequestedRight } from '../../../src/entities/integration.ts';
import { type Caller, mustHoldItsRights, requestedRights } from '../../../src/entities/requested-rights.ts';

const at = '2026-11-21T10:00:00.000Z';
const caller = (...held: string[]): Caller => ({
  tenant: 'ten_1',
  subject: 'usr_caller',
  holds: (right) => holds(held, right),
});
const earlier = (state: RequestedRight['state']): RequestedRight => ({ state, requestedBy: 'usr_earlier' });
const fresh = { state: 'granted', requestedBy: 'usr_caller', decidedBy: 'usr_caller', decidedAt: at };

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
    const after = requestedRights(before, ['issues:read', 'boards:read'], caller(), at);
    expect(after).toEqual({ 'issues:read': earlier('granted'), 'boards:read': earlier('pending') });
  });

  it.each(['declined', 'revoked'] as const)('are decided anew where they were %s', (state) => {
    const before = { 'issues:read': earlier(state) };
    expect(missing(() => requestedRights(before, ['issues:read'], caller(), at))).toEqual(['issues:read']);
    expect(requestedRights(before, ['issues:read'], caller('issues:read'), at)).toEqual({ 'issues:read': fresh });
  });

  it('are granted where the caller holds them, or one that implies them, and no other way', () => {
    const some = fc.subarray([...rightNames]);
    fc.assert(
      fc.property(some, some, (held, wanted) => {
        const decide = () => requestedRights({}, wanted, caller(...held), at);
        const lacking = wanted.filter((right) => !holds(held, right));
        expect(missing(decide)).toEqual(lacking);
        if (lacking.length === 0) expect(Object.keys(decide())).toEqual(wanted);
      }),
    );
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
});
