import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as projectsHandler } from '../../../functions/api/projects.ts';
import { handler as metadataHandler } from '../../../functions/api/protected-resource.ts';
import { environment } from '../../../src/environment.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());
afterEach(() => vi.unstubAllEnvs());

const consoleOrigin = 'https://console.example.com';
const list = () => callHandler(projectsHandler)('GET /v1/projects', { caller: newCaller() });
const refused = () => callHandler(projectsHandler)('GET /v1/projects', { caller: newCaller(), query: { limit: '0' } });
const metadata = () => {
  vi.stubEnv(environment.issuer, 'https://id.example/auth');
  vi.stubEnv(environment.apiUrl, 'https://id.example/api/v1');
  return callHandler(metadataHandler)('GET /.well-known/oauth-protected-resource');
};

describe('scripts of another origin', () => {
  it('read answers and refusals of an API where the stage names the origin', async () => {
    vi.stubEnv(environment.corsOrigin, consoleOrigin);
    for (const answer of [await list(), await refused()]) {
      expect(answer.headers['Access-Control-Allow-Origin']).toBe(consoleOrigin);
      expect(answer.headers['Access-Control-Expose-Headers']).toContain('ETag');
      expect(answer.headers).not.toHaveProperty('Access-Control-Allow-Credentials');
    }
    expect((await list()).status).toBe(200);
    expect((await refused()).status).toBe(400);
  });

  it('read nothing of an API where the stage names none', async () => {
    expect((await list()).headers).not.toHaveProperty('Access-Control-Allow-Origin');
    expect((await refused()).headers).not.toHaveProperty('Access-Control-Allow-Origin');
  });

  it('read the metadata of a protected resource whatever their origin', async () => {
    expect((await metadata()).headers['Access-Control-Allow-Origin']).toBe('*');
    vi.stubEnv(environment.corsOrigin, consoleOrigin);
    expect((await metadata()).headers['Access-Control-Allow-Origin']).toBe('*');
  });
});
