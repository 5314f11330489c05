import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CursorScope, openCursor, sealCursor } from '../../../src/entities/cursor.ts';
import { InvalidInput } from '../../../src/entities/errors.ts';

const key = randomBytes(32);
const scope: CursorScope = { tenant: 'ten_1', route: 'listAuditEvents', filters: { object: 'int_1' } };
const position = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => text.isWellFormed());

describe('a cursor', () => {
  it('brings back the position that was sealed, in characters that need no escaping in a query', () => {
    fc.assert(
      fc.property(position, (sealed) => {
        const cursor = sealCursor(key, scope, sealed);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(openCursor(key, scope, cursor)).toBe(sealed);
      }),
    );
  });

  it('with any character changed, left out or added is refused', () => {
    const character = fc.constantFrom(...'ABCXYZabcxyz019-_=+/ .');
    fc.assert(
      fc.property(position, fc.nat(), character, (sealed, at, other) => {
        const cursor = sealCursor(key, scope, sealed);
        const where = at % cursor.length;
        const [before, after] = [cursor.slice(0, where), cursor.slice(where + 1)];
        for (const altered of [before + other + after, before + after, before + other + cursor.slice(where)])
          if (altered !== cursor) expect(() => openCursor(key, scope, altered)).toThrow(InvalidInput);
      }),
    );
  });

  it('that is any text is refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => openCursor(key, scope, text)).toThrow(InvalidInput);
      }),
    );
  });

  it.each([
    ['tenant', { ...scope, tenant: 'ten_2' }],
    ['route', { ...scope, route: 'listIntegrations' }],
    ['filter', { ...scope, filters: { object: 'int_2' } }],
    ['filter of another name', { ...scope, filters: { actor: 'int_1' } }],
    ['filter besides', { ...scope, filters: { object: 'int_1', action: 'made' } }],
    ['list without filters', { tenant: scope.tenant, route: scope.route }],
  ])('of another %s is refused', (_, other) => {
    const cursor = sealCursor(key, scope, 'evt_1');
    expect(() => openCursor(key, other, cursor)).toThrow(InvalidInput);
    expect(() => openCursor(key, scope, sealCursor(key, other, 'evt_1'))).toThrow(InvalidInput);
  });

  it('of another key is refused', () => {
    expect(() => openCursor(randomBytes(32), scope, sealCursor(key, scope, 'evt_1'))).toThrow(InvalidInput);
  });

  it('is the same whichever filter was named first, and whether an absent one was spelled out', () => {
    const filters = { actor: 'usr_1', object: 'int_1' };
    const cursor = sealCursor(key, { ...scope, filters }, 'evt_1');
    const same = { ...scope, filters: { object: 'int_1', actor: 'usr_1', action: undefined } };
    expect(openCursor(key, same, cursor)).toBe('evt_1');
  });
});
