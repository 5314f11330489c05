import { createHash } from 'node:crypto';

/** A folded name longer than this many bytes of UTF-8 is cut and told apart by its hash: a sort key holds 1,024. */
const maximumFoldedBytes = 900;
const cutAt = 200;

/**
 * The name under which a name is unique in its tenant and listed: NFKC case folding (Unicode Standard §3.13.3,
 * `toNFKC_Casefold`). Empty where nothing visible is in the name.
 */
export function foldedName(name: string): string {
  const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  const folded = Array.from(visible, caseFolded).join('').normalize('NFKC');
  if (Buffer.byteLength(folded) <= maximumFoldedBytes) return folded;
  const hash = createHash('sha256').update(folded).digest('base64url');
  return `${Array.from(folded).slice(0, cutAt).join('')}#${hash}`;
}

/**
 * Full case folding of one code point. The language has none; lower, upper and lower again is the same for every letter
 * but the dotless i, which folds to itself.
 */
function caseFolded(character: string): string {
  if (character === 'ı') return character;
  return character.toLowerCase().toUpperCase().toLowerCase();
}
