import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidScope } from '../../../src/oauth/errors.ts';
import { parseScope } from '../../../src/oauth/scope.ts';

const scopeCharacter = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const scopeToken = fc
  .string({ unit: scopeCharacter, minLength: 1 })
  .filter((token) => !token.includes('"') && !token.includes('\\'));

describe('a scope', () => {
  it('is its tokens, each once, in their order', () => {
    fc.assert(
      fc.property(fc.array(scopeToken, { minLength: 1 }), (tokens) => {
        expect(parseScope(tokens.join(' '))).toEqual([...new Set(tokens)]);
      }),
    );
  });

  it('is refused or read whole, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        let values: readonly string[];
        try {
          values = parseScope(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidScope);
          return;
        }
        expect(new Set(text.split(' '))).toEqual(new Set(values));
      }),
    );
  });

  it.each([' ', ' issues:read', 'issues:read ', 'issues:read  users:read', 'issues:read\tusers:read', '"', '\\', 'ü'])(
    'that is malformed is refused: %j',
    (scope) => {
      expect(() => parseScope(scope)).toThrow(InvalidScope);
    },
  );
});
