import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { asset, scriptName, stylesheetName } from '../../../src/pages/assets.ts';
import { stylesheet } from '../../../src/pages/stylesheet.ts';

describe('an asset', () => {
  it('is named by what is in it', () => {
    for (const name of [stylesheetName, ...Object.values(scriptName)]) {
      const { text = '' } = asset(name) ?? {};
      expect(name).toContain(hash('sha256', text, 'hex').slice(0, 16));
    }
  });

  it("of a tenant's colour is made of its name", () => {
    expect(asset('colour-0b5fa5.css')).toMatchObject({ contentType: 'text/css; charset=utf-8' });
  });

  it.each(['colour-fff.css', 'colour-0b5fa5;.css', 'colour-0B5FA5.css', '../page.css', '', 'constructor'])(
    'does not exist: %j',
    (name) => {
      expect(asset(name)).toBeUndefined();
    },
  );
});

describe('the stylesheet', () => {
  it('loads nothing', () => {
    expect(stylesheet).not.toMatch(/url\(|@import/);
  });
});
