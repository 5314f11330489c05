/** A tenant's colour, as far as it can be read in both schemes. */

const hexColour = /^#[0-9a-f]{6}$/;

/** The colour in small letters, or undefined where the text is none: it becomes part of a URL and of a stylesheet. */
export function readableColour(text: string): string | undefined {
  const colour = text.toLowerCase();
  return hexColour.test(colour) ? colour : undefined;
}

type Rgb = readonly [number, number, number];

const rgbOf = (colour: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as unknown as Rgb;

const hexOf = (rgb: Rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

/** WCAG 2.2, "relative luminance". */
function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, "contrast ratio": 1 to 21. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(rgbOf(one)), luminance(rgbOf(other))].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2 §1.4.3, level AA, for text of the usual size; a little more, since colours are rounded. */
const enough = 4.6;

/** The nearest colour on the way to black or white that can be read on the background. */
function readableOn(background: string, colour: string): string {
  const towards: Rgb = luminance(rgbOf(background)) > 0.4 ? [0, 0, 0] : [255, 255, 255];
  const from = rgbOf(colour);
  for (let step = 0; step < 20; step++) {
    const mixed = hexOf(
      from.map((part, index) => part + ((towards[index] ?? 0) - part) * (step / 20)) as unknown as Rgb,
    );
    if (contrast(mixed, background) >= enough) return mixed;
  }
  return hexOf(towards);
}

/** Backgrounds of the card in the two schemes; the stylesheet has the same. */
const card = { light: '#ffffff', dark: '#1b1e24' } as const;

/**
 * The stylesheet of a tenant's colour: links and borders in a shade that can be read on the card, and buttons in the
 * same shade with black or white on it, whichever can be read.
 *
 * @param colour of {@link readableColour}
 */
export function colourStylesheet(colour: string): string {
  const rules = (shade: string) => {
    const text = contrast(shade, '#ffffff') >= contrast(shade, '#0b0d10') ? '#ffffff' : '#0b0d10';
    return `:root{--accent:${shade};--on-accent:${text}}`;
  };
  const light = rules(readableOn(card.light, colour));
  return `${light}\n@media (prefers-color-scheme: dark){${rules(readableOn(card.dark, colour))}}\n`;
}
