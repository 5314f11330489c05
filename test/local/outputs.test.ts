import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Demonstration } from '../../local/demonstration.ts';
import { type LocalOutputs, latchkeyOutputs, outputsFile, writeOutputs } from '../../local/outputs.ts';
import { summary } from '../../local/summary.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-outputs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const stackOutputs = {
  Issuer: 'http://127.0.0.1:1/auth',
  TokenEndpoint: 'http://127.0.0.1:1/auth/oauth2/token',
  AdminUrl: 'http://127.0.0.1:1/admin/v1',
  ApiUrl: 'http://127.0.0.1:1/api/v1',
  BootstrapSecretArn: 'arn:secret',
};
const credentials = { tenant: 'ten_1', client_id: 'int_1', client_secret: 'lks_made_up' };
const outputs: LocalOutputs = {
  issuer: stackOutputs.Issuer,
  token_endpoint: stackOutputs.TokenEndpoint,
  admin_url: stackOutputs.AdminUrl,
  api_url: stackOutputs.ApiUrl,
  tenant: 'ten_1',
  admin: { client_id: 'int_1', client_secret: 'lks_made_up' },
};

const demonstration: Demonstration = {
  tenant: 'ten_1',
  project: 'DEMO',
  users: {
    administrator: { username: 'ada', password: 'made-up-1' },
    developer: { username: 'dev', password: 'made-up-2' },
    project_administrator: { username: 'pat', password: 'made-up-3' },
    member: { username: 'mel', password: 'made-up-4' },
  },
};
const { tenant: _, ...shown } = demonstration;

describe('outputs', () => {
  test('come from the stacks and the bootstrap administrator’s secret', async () => {
    const secretText = async (arn: string) => (arn === 'arn:secret' ? JSON.stringify(credentials) : '');
    expect(await latchkeyOutputs(stackOutputs, secretText)).toEqual(outputs);
  });

  test('name the stack output, or the secret, that is missing', async () => {
    const { AdminUrl: _, ...others } = stackOutputs;
    const secretText = async () => JSON.stringify(credentials);
    await expect(latchkeyOutputs(others, secretText)).rejects.toThrow('no stack has the output AdminUrl');
    await expect(latchkeyOutputs(stackOutputs, async () => '{}')).rejects.toThrow('the bootstrap left no credentials');
    await expect(latchkeyOutputs(stackOutputs, () => Promise.reject(new Error('none')))).rejects.toThrow(
      'the bootstrap left no credentials',
    );
  });

  test('are written for their owner only', async () => {
    const data = join(folder, 'data');
    await writeOutputs(data, { ...outputs, ...shown });
    expect(JSON.parse(readFileSync(outputsFile(data), 'utf8'))).toEqual({ ...outputs, ...shown });
    expect(statSync(outputsFile(data)).mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o777).toBe(0o700);
  });
});

test('the summary names every address, and no secret of the administrator’s', () => {
  const text = summary(outputs, '/data/outputs.json', demonstration, true);
  for (const part of [
    outputs.issuer,
    outputs.admin_url,
    outputs.api_url,
    outputs.token_endpoint,
    '/data/outputs.json',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain(outputs.admin.client_secret);
});

test('the summary shows passwords of the demonstration’s users when they are made, and never again', () => {
  for (const { username, password } of Object.values(demonstration.users)) {
    expect(summary(outputs, '/data/outputs.json', demonstration, true)).toMatch(new RegExp(`${username} +${password}`));
    expect(summary(outputs, '/data/outputs.json', demonstration, false)).not.toContain(password);
    expect(summary(outputs, '/data/outputs.json', demonstration, false)).toContain(username);
  }
});
