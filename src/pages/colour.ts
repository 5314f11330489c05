/** A tenant's colour, as far as it can be read in both schemes. */

const hexColour = /^#[0-9a-f]{6}$/;

/** The colour in small letters, or undefined where the text is none: it becomes part of a URL and of a stylesheet. */
export function readableColour(text: string): string | undefined {
  const colour = text.toLowerCase();
  return hexColour.test(colour) ? colour : undefined;
}

/** Red, green and blue, 0 to 255 each. */
type Rgb = readonly number[];

const rgbOf = (colour: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

const hexOf = (rgb: Rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

/** What each part adds to how bright a colour is (WCAG 2.2, "relative luminance"). */
const weights: Rgb = [0.2126, 0.7152, 0.0722];

function luminance(rgb: Rgb): number {
  return rgb.reduce((sum, part, index) => {
    const share = part / 255;
    const linear = share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    return sum + linear * (weights[index] ?? 0);
  }, 0);
}

/** WCAG 2.2, "contrast ratio": 1 to 21. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(rgbOf(one)), luminance(rgbOf(other))].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2 §1.4.3, level AA, for text of the usual size; a little more, since colours are rounded. */
const enough = 4.6;

const steps = 20;

/** The nearest colour on the way to black or white that can be read on the background. */
function readableOn(background: string, colour: string): string {
  const end = luminance(rgbOf(background)) > 0.4 ? 0 : 255;
  const from = rgbOf(colour);
  for (let step = 0; step < steps; step++) {
    const mixed = hexOf(from.map((part) => part + (end - part) * (step / steps)));
    if (contrast(mixed, background) >= enough) return mixed;
  }
  return hexOf([end, end, end]);
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
