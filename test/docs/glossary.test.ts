import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const terms = [...readFileSync('docs/glossary.md', 'utf8').matchAll(/^\| \*\*(.+?)\*\* \|/gm)].flatMap(
  ([, names = '']) => names.split(', '),
);

it('the glossary says of each term once what it means', () => {
  expect(terms.length).toBeGreaterThan(80);
  expect(terms.filter((term, index) => terms.indexOf(term) !== index)).toEqual([]);
});
