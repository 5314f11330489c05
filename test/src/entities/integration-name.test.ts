import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldedName } from '../../../src/entities/integration-name.ts';
import { namePattern } from '../../../src/entities/name-rule.ts';

describe('a name', () => {
  it.each(['Billing sync 2', 'ä', 'e\u0301', '测试', 'हिन्दी', '٣', 'Ａ'])('may be %j', (name) => {
    expect(name).toMatch(namePattern);
  });

  it.each([
    '',
    ' ',
    'a ',
    ' a',
    'a  b',
    'a\tb',
    'a\u00a0b',
    'a-b',
    'a_b',
    'a.b',
    '½',
    '²',
    '☃',
    'a\nb',
    'a\u200db',
    '\u202ea',
  ])('may not be %j', (name) => {
    expect(name).not.toMatch(namePattern);
  });
});

describe('the folded name', () => {
  it.each([
    ['STRASSE', 'straße'],
    ['STRASSE', 'straẞe'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['Ａpp', 'app'],
    ['ﬁle', 'FILE'],
    ['Å', 'A\u030a'],
    ['ſync', 'Sync'],
    ['a\ufe0fb', 'ab'],
    ['İx', 'i\u0307X'],
  ])('of %j and %j is the same', (one, other) => {
    expect(foldedName(one)).toBe(foldedName(other));
  });

  it.each([
    ['a', 'b'],
    ['a b', 'ab'],
    ['a', 'ä'],
    ['i', 'ı'],
    ['1', '2'],
  ])('of %j and %j is not', (one, other) => {
    expect(foldedName(one)).not.toBe(foldedName(other));
  });

  it('of a folded name is itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (name) => {
        expect(foldedName(foldedName(name))).toBe(foldedName(name));
      }),
    );
  });

  it('fits a sort key however long it becomes, and tells two long names apart', () => {
    const long = '\ufdfa'.repeat(99);
    for (const name of [`${long}a`, `${long}b`]) expect(Buffer.byteLength(foldedName(name))).toBeLessThan(1024);
    expect(foldedName(`${long}a`)).not.toBe(foldedName(`${long}b`));
    expect(foldedName(`${long}a`)).toBe(foldedName(`${long}A`));
  });

  it('of letters of which nothing shows is empty', () => {
    expect(foldedName('\u3164\u115f')).toBe('');
  });
});
