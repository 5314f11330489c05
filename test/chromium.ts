import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** Whether there is a browser to drive. Where `LATCHKEY_REQUIRE_CHROMIUM=1`, its absence is a failure. */
export function hasChromium(): boolean {
  if (executablePath === undefined && process.env.LATCHKEY_REQUIRE_CHROMIUM === '1') {
    throw new Error("LATCHKEY_REQUIRE_CHROMIUM is 1 and there is no chromium: Debian's package `chromium` is one.");
  }
  return executablePath !== undefined;
}

/** A real browser without a window. */
export function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('there is no chromium');
  // As root, as in most build machines, its sandbox cannot be set up.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
