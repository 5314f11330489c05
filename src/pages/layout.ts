import { html, raw } from 'hono/html';
import { scriptName, stylesheetName } from './assets.ts';
import { readableColour } from './colour.ts';

/** Markup whose values are escaped; not to be mixed up with text. */
export type Html = ReturnType<typeof html>;

/** Whose page it is, as its people know them. */
export interface Brand {
  readonly name: string;
  /** A `data:` URI of an image. */
  readonly logo?: string | undefined;
  /** `#rrggbb` */
  readonly colour?: string | undefined;
}

/** One page, without what is around every page. */
export interface Page {
  /** What the tab is called; the heading is the page's own. */
  readonly title: string;
  /** Absent where nobody knows yet which tenant is asked for. */
  readonly brand?: Brand | undefined;
  readonly main: Html;
  /** A line below the card, for instance who is signed in. */
  readonly footer?: Html | undefined;
  /** Where the browser goes at once; the page has a link to it besides. */
  readonly goesTo?: string | undefined;
  /** More room, for pages that list something. */
  readonly wide?: true | undefined;
  /** A script of {@link assets} that the page is easier with, and works without. */
  readonly script?: keyof typeof scriptName | undefined;
}

/**
 * The whole document.
 *
 * @param base the path that every URL of ours begins with, such as `/auth`
 */
export function layout(base: string, { title, brand, main, footer, goesTo, wide, script }: Page): Html {
  const name = brand?.name ?? 'Latchkey';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title} · ${name}</title>
${goesTo === undefined ? '' : html`<meta http-equiv="refresh" content="0;url=${goesTo}">`}
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${base}/assets/${stylesheetName}">
${colourLink(base, brand)}
${script === undefined ? '' : html`<script src="${base}/assets/${scriptName[script]}" defer></script>`}
</head>
<body${wide ? raw(' class="wide"') : ''}>
<header>${brand?.logo === undefined ? html`<span class="mark" aria-hidden="true">${initialOf(name)}</span>` : html`<img class="logo" src="${brand.logo}" alt="">`}<span class="name">${name}</span></header>
<main>
${main}
</main>
${footer === undefined ? '' : html`<footer>${footer}</footer>`}
</body>
</html>
`;
}

/** The tenant's colour comes as a stylesheet of its own, since the content security policy allows no style in a page. */
function colourLink(base: string, brand: Brand | undefined): Html {
  const colour = brand?.colour === undefined ? undefined : readableColour(brand.colour);
  return colour === undefined
    ? html``
    : html`<link rel="stylesheet" href="${base}/assets/colour-${colour.slice(1)}.css">`;
}

const initialOf = (name: string) => [...name][0]?.toUpperCase() ?? '';
