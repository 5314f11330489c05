import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The ways in which every page is looked at. */
export const appearances = {
  'in light': { colorScheme: 'light', viewport: { width: 1100, height: 860 } },
  'in dark': { colorScheme: 'dark', viewport: { width: 1100, height: 860 } },
  'on a phone': { colorScheme: 'light', viewport: { width: 375, height: 720 } },
} as const;

/** What axe finds wrong with the page as it is shown, most of WCAG 2.2 and of good practice. */
export async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = (await page.evaluate(`${axe}; axe.run()`)) as AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
