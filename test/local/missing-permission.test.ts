import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AssemblyFolder, newAssembly, projectDirectory } from '../../local/assembly.ts';
import { startLocal } from '../../local/deployment.ts';
import { requestToken } from './started-process.ts';

interface Statement {
  readonly Action: string | readonly string[];
}

interface Template {
  readonly Resources: Record<
    string,
    { readonly Type: string; readonly Properties: { readonly PolicyDocument: { Statement: Statement[] } } }
  >;
}

let assembly: AssemblyFolder;
let file: string;
let original: string;
beforeAll(async () => {
  assembly = await newAssembly(projectDirectory);
  file = join(assembly.directory, 'Latchkey-Auth.template.json');
  original = readFileSync(file, 'utf8');
}, 60_000);
afterAll(() => assembly.remove());

/** Takes from the token endpoint's role every statement with that action, and asks for a token. */
async function tokenWithout(action: string | undefined): Promise<{ status: number; lines: string[] }> {
  const template = JSON.parse(original) as Template;
  for (const [logicalId, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::IAM::Policy' && logicalId.startsWith('Functionstoken')) {
      const { PolicyDocument } = Properties;
      PolicyDocument.Statement = PolicyDocument.Statement.filter(
        ({ Action }) => ![Action].flat().includes(action ?? ''),
      );
    }
  }
  writeFileSync(file, JSON.stringify(template));
  const lines: string[] = [];
  const app = await startLocal({
    port: 0,
    dataDirectory: undefined,
    assemblyDirectory: assembly.directory,
    origins: 'one',
    log: (line) => lines.push(line),
  });
  try {
    const { admin, token_endpoint: endpoint } = app.outputs;
    const { status } = await requestToken(endpoint, admin.client_id, admin.client_secret);
    return { status, lines: lines.filter((line) => line.includes(' may not ')) };
  } finally {
    await app.close();
  }
}

describe('a permission that the token endpoint lacks', { timeout: 60_000 }, () => {
  test('with all of them it issues tokens, and nothing is denied', async () => {
    expect(await tokenWithout(undefined)).toEqual({ status: 200, lines: [] });
  });

  test.each(['kms:Sign', 'kms:Decrypt', 'dynamodb:BatchGetItem'])(
    '%s fails that call, and is named with function and resource',
    async (action) => {
      const { status, lines } = await tokenWithout(action);
      expect(status).toBeGreaterThanOrEqual(500);
      expect(lines[0]).toMatch(
        new RegExp(`^Latchkey-Auth-Functionstoken.* may not ${action} on arn:aws:(?:kms|dynamodb):`),
      );
      expect(lines.every((line) => line.includes(` may not ${action} on `))).toBe(true);
    },
  );
});
