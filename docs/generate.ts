import { readFileSync, writeFileSync } from 'node:fs';
import { openApi } from '../src/api/openapi.ts';
import { auditActionsDocument } from './audit-actions.ts';
import { rightsDocument } from './rights.ts';
import { storageDocument } from './storage/document.ts';

/** The documents that are rendered from declarations; `--check` says which are stale and writes nothing. */
const documents: Readonly<Record<string, () => string | Promise<string>>> = {
  'openapi.json': () =>
    `${JSON.stringify(
      openApi({
        auth: 'https://latchkey.example/auth',
        admin: 'https://latchkey.example/admin',
        api: 'https://latchkey.example/api',
      }),
      null,
      2,
    )}\n`,
  'audit-actions.md': auditActionsDocument,
  'rights.md': rightsDocument,
  'storage.md': storageDocument,
};

const check = process.argv.includes('--check');
for (const [name, render] of Object.entries(documents)) {
  const file = new URL(name, import.meta.url);
  const rendered = await render();
  if (rendered === readOrNothing(file)) continue;
  if (check) {
    console.error(`docs/${name} is stale: npm run generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, rendered);
    console.log(`docs/${name} written`);
  }
}

function readOrNothing(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
