import { describe, expect, it } from 'vitest';
import { protectedResourceMetadata } from '../../../src/oauth/protected-resource-metadata.ts';

const issuer = 'https://id.example/auth';

describe('protected resource metadata (RFC 9728 §2)', () => {
  it("names the API's audience, its authorization server and its own rights alone", () => {
    expect(protectedResourceMetadata('api', 'https://id.example/api/v1', issuer)).toEqual({
      resource: 'https://id.example/api/v1',
      authorization_servers: [issuer],
      scopes_supported: [
        'issues:read',
        'issues:write',
        'checklists:read',
        'checklists:write',
        'boards:read',
        'boards:write',
        'responsibilities:read',
        'responsibilities:write',
        'projects:read',
        'users:read',
      ],
      bearer_methods_supported: ['header'],
      resource_name: 'Reference resource API',
    });
  });

  it("does not tell of the operator's own rights", () => {
    const { scopes_supported } = protectedResourceMetadata('admin', 'https://id.example/admin/v1', issuer);
    expect(scopes_supported).toContain('integrations:manage');
    expect(scopes_supported).not.toContain('tenants:manage');
  });
});
