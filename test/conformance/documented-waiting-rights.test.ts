import { expect, test } from 'vitest';
import { readerOf, statesIn } from './documented-commands.ts';
import { asks, Browser } from './sign-in.ts';

const { blocks, paste, outputs } = readerOf('docs/waiting-rights.md');

test('every command of docs/waiting-rights.md does what the document says', async () => {
  expect(blocks).toBe(8);

  expect(await paste()).toContain('"key":"SHOP"');

  const asked = await paste();
  expect(statesIn(asked)).toEqual(['pending', 'pending']);

  const whilePending = await paste();
  expect(whilePending.match(/^403$/gm)).toHaveLength(2);

  const administrators = await paste();
  expect(projectsIn(administrators)).toEqual(['DEMO', 'SHOP']);
  expect(administrators).toContain('"right":"users:read"');
  expect(administrators).toContain('agreed in the review');

  const address = /http\S+$/m.exec(await paste())?.[0] ?? '';
  expect((await allowDevice(address)).document.structuredText).toContain('Your device is connected');

  const pats = await paste();
  expect(pats).toContain('"missing_rights"');
  expect(projectsIn(pats.slice(0, pats.indexOf('}]') + 2))).toEqual(['DEMO']);

  const granted = await paste();
  expect(granted.match(/^\d{3}$/gm)).toEqual(['200', '200', '403']);
  expect(statesIn(granted).sort()).toEqual(['granted', 'granted', 'granted', 'pending']);

  const withdrawn = await paste();
  expect(withdrawn.match(/^\d{3}$/gm)).toEqual(['403', '200']);
});

/** What Pat does in a browser: confirms the code that the address brought along, signs in, allows it. */
async function allowDevice(address: string) {
  const browser = new Browser();
  let page = await browser.open(address);
  const code = page.document.querySelector('[name="user_code"]')?.getAttribute('value') ?? '';
  page = await browser.submit(page, { user_code: code });
  const { project_administrator: pat } = outputs().users;
  if (asks(page, 'password')) page = await browser.submit(page, { ...pat });
  return browser.submit(page, { decision: 'allow' });
}

const projectsIn = (printed: string) =>
  [...new Set([...printed.matchAll(/"project":"(\w+)"/g)].map(([, project]) => project))].sort();
