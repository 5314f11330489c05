import { hash } from 'node:crypto';
import { colourStylesheet, readableColour } from './colour.ts';
import { passkeyScript } from './passkey-script.ts';
import { submitScript } from './scripts.ts';
import { stylesheet } from './stylesheet.ts';

/** A file that pages load; its name changes with what is in it, so that it may be kept for ever. */
export interface Asset {
  readonly contentType: string;
  readonly text: string;
}

const nameOf = (stem: string, ending: string, text: string) =>
  `${stem}-${hash('sha256', text, 'hex').slice(0, 16)}.${ending}`;

export const stylesheetName = nameOf('page', 'css', stylesheet);

/** Scripts by what they do. */
export const scriptName = {
  submit: nameOf('submit', 'js', submitScript),
  passkey: nameOf('passkey', 'js', passkeyScript),
} as const;

const css = 'text/css; charset=utf-8';
const javascript = 'text/javascript; charset=utf-8';

const assets: ReadonlyMap<string, Asset> = new Map([
  [stylesheetName, { contentType: css, text: stylesheet }],
  [scriptName.submit, { contentType: javascript, text: submitScript }],
  [scriptName.passkey, { contentType: javascript, text: passkeyScript }],
]);

/** The file of this name; a tenant's colour is in the name of its stylesheet. */
export function asset(name: string): Asset | undefined {
  const digits = /^colour-([0-9a-f]{6})\.css$/.exec(name)?.[1];
  const colour = digits && readableColour(`#${digits}`);
  return colour ? { contentType: css, text: colourStylesheet(colour) } : assets.get(name);
}
