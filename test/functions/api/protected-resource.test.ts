import { afterEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/api/protected-resource.ts';
import { environment } from '../../../src/environment.ts';
import { callHandler } from '../deployment.ts';

afterEach(() => vi.unstubAllEnvs());

describe('GET /.well-known/oauth-protected-resource', () => {
  it('needs no token, may be kept, and names what the deployment is', async () => {
    vi.stubEnv(environment.issuer, 'https://id.example/auth');
    vi.stubEnv(environment.apiUrl, 'https://id.example/api/v1');
    const answer = await callHandler(handler)('GET /.well-known/oauth-protected-resource');
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300' },
      body: { resource: 'https://id.example/api/v1', authorization_servers: ['https://id.example/auth'] },
    });
  });
});
