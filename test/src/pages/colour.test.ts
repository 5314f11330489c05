import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colourStylesheet, contrast, readableColour } from '../../../src/pages/colour.ts';

const colour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe("a tenant's colour", () => {
  it('can be read in both schemes, whatever it is: as text on the card, and under the text of buttons', () => {
    fc.assert(
      fc.property(colour, (text) => {
        const [light, dark] = colourStylesheet(text).split('@media (prefers-color-scheme: dark)');
        for (const [rules, card] of [
          [light, '#ffffff'],
          [dark, '#1b1e24'],
        ] as const) {
          const [, accent = '', onAccent = ''] = /--accent:(#\w{6});--on-accent:(#\w{6})/.exec(rules ?? '') ?? [];
          expect(contrast(accent, card)).toBeGreaterThanOrEqual(4.5);
          expect(contrast(accent, onAccent)).toBeGreaterThanOrEqual(4.5);
        }
      }),
    );
  });

  it('that can be read as it is stays as it is', () => {
    expect(colourStylesheet('#0b5fa5')).toContain('--accent:#0b5fa5;--on-accent:#ffffff');
  });

  it.each(['red', '#fff', '#12345g', 'url(x)', '#123456;}', ' #123456'])(
    'is none where it is no colour: %s',
    (text) => {
      expect(readableColour(text)).toBeUndefined();
    },
  );

  it('is the same in capitals', () => {
    expect(readableColour('#ABCDEF')).toBe('#abcdef');
  });
});

describe('contrast', () => {
  it('is what WCAG says it is', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(contrast('#ffffff', '#777777')).toBeCloseTo(4.48, 2);
  });
});
