import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlreadyDecided } from '../../../src/entities/errors.ts';
import type { RequestedRight } from '../../../src/entities/integration.ts';
import type { RequestedRights } from '../../../src/entities/requested-rights.ts';
import { decidedRights, decisions } from '../../../src/entities/right-decision.ts';

const [by, at] = ['usr_decider', '2026-11-21T10:00:00.000Z'];
const states = ['pending', 'granted', 'declined', 'revoked'] as const;
const inState = (state: RequestedRight['state']): RequestedRight => ({
  ...{ state, requestedBy: 'usr_asker', requestedAt: '2026-11-20T10:00:00.000Z' },
  ...(state !== 'pending' && { decidedBy: 'usr_earlier', decidedAt: '2026-11-20T11:00:00.000Z', comment: 'Earlier.' }),
});

const needed = { grant: 'pending', decline: 'pending', revoke: 'granted' } as const;
const reached = { grant: 'granted', decline: 'declined', revoke: 'revoked' } as const;

function fault(decide: () => unknown): AlreadyDecided | undefined {
  try {
    decide();
  } catch (error) {
    if (error instanceof AlreadyDecided) return error;
    throw error;
  }
  return undefined;
}

describe('a decision', () => {
  it('changes what it names and nothing else, all of it or none', () => {
    const rights = fc.dictionary(
      fc.constantFrom('a:read', 'b:read', 'c:read', 'constructor'),
      fc.constantFrom(...states),
    );
    const named = fc.uniqueArray(fc.constantFrom('a:read', 'b:read', 'c:read', 'toString'), { minLength: 1 });
    fc.assert(
      fc.property(rights, named, fc.constantFrom(...decisions), (given, names, decision) => {
        const before: RequestedRights = Object.fromEntries(
          Object.entries(given).map(([name, state]) => [name, inState(state)]),
        );
        const decide = () => decidedRights(before, { decision, rights: names, by, at });
        const fits = names.every((name) => Object.hasOwn(given, name) && given[name] === needed[decision]);
        expect(fault(decide) === undefined).toBe(fits);
        if (!fits) return;
        const after = decide();
        for (const name of Object.keys(given))
          if (!(names as readonly string[]).includes(name)) expect(after[name]).toBe(before[name]);
          else expect(after[name]).toMatchObject({ state: reached[decision], decidedBy: by, decidedAt: at });
      }),
    );
  });

  it('keeps who asked and when, and has a comment of its own or none', () => {
    const before = { 'a:read': inState('granted') };
    const asked = { requestedBy: 'usr_asker', requestedAt: '2026-11-20T10:00:00.000Z' };
    const revoked = { ...asked, state: 'revoked', decidedBy: by, decidedAt: at };
    expect(decidedRights(before, { decision: 'revoke', rights: ['a:read'], by, at })).toEqual({ 'a:read': revoked });
    expect(decidedRights(before, { decision: 'revoke', rights: ['a:read'], by, at, comment: 'Over.' })).toEqual({
      'a:read': { ...revoked, comment: 'Over.' },
    });
  });

  it.each([
    ['declined', 'a:read was declined by usr_earlier.', 'usr_earlier'],
    ['granted', 'a:read was granted by usr_earlier.', 'usr_earlier'],
    [undefined, 'a:read is not asked for there.', undefined],
  ] as const)('on what is %s says who decided', (state, detail, decidedBy) => {
    const before: RequestedRights = state === undefined ? {} : { 'a:read': inState(state) };
    expect(fault(() => decidedRights(before, { decision: 'grant', rights: ['a:read'], by, at }))).toMatchObject({
      detail,
      decidedBy,
    });
  });

  it('that revokes what waits says that it waits', () => {
    const before = { 'a:read': inState('pending') };
    expect(fault(() => decidedRights(before, { decision: 'revoke', rights: ['a:read'], by, at }))).toMatchObject({
      detail: 'a:read waits for a decision.',
    });
  });
});
