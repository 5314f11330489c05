import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import {
  type Credentials,
  call,
  createIntegration,
  freshName,
  freshProjectKey,
  requestToken,
  tokenOf,
} from './client.ts';

/** The revocation bound of a deployment with the default options, in milliseconds. */
const bound = 5000;

describe.each(['oneOrigin', 'separateOrigins'] as const)('%s', (form) => {
  const outputs = inject(form);
  let admin: string;
  let project: string;

  beforeAll(async () => {
    admin = await tokenOf(outputs, outputs.admin);
    project = freshProjectKey();
    const created = await call('POST', `${outputs.admin_url}/projects`, {
      token: admin,
      body: { key: project, name: 'Demonstration' },
    });
    expect(created.status).toBe(201);
  });

  const readIssues = (token: string) => call('GET', `${outputs.api_url}/projects/${project}/issues`, { token });

  test('creating answers 201 with credentials, rights and a location, and the token they obtain opens the API', async () => {
    const name = freshName('Billing sync');
    const created = await call('POST', `${outputs.admin_url}/integrations`, {
      token: admin,
      body: { name, description: 'nightly export', access: { issues: 'read', users: 'read' } },
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name,
      status: 'active',
      owner: outputs.admin.client_id,
      grant_types: ['client_credentials'],
      access: { issues: 'read', users: 'read' },
    });
    expect(created.body.rights).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ right: 'issues:read', context: 'global', state: 'granted' }),
        expect.objectContaining({ right: 'users:read', context: 'global', state: 'granted' }),
      ]),
    );
    expect(created.body.client_id).toMatch(/^int_[A-Za-z0-9_]+$/);
    expect(created.body.client_secret).toMatch(/^lks_[A-Za-z0-9_]+$/);
    expect(created.headers.get('location')).toContain(created.body.client_id);
    expect(created.headers.get('cache-control')).toBe('no-store');

    const token = await requestToken(outputs, created.body);
    expect(token.status).toBe(200);
    expect(token.headers.get('cache-control')).toBe('no-store');
    expect(token.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(token.body.scope.split(' ').sort()).toEqual(['issues:read', 'users:read']);
    expect((await readIssues(token.body.access_token)).status).toBe(200);
  });

  test('the details show no secret, and their curl works once the secret is filled in', async () => {
    const integration = await createIntegration(outputs, admin, ['issues:read']);
    const details = await call('GET', `${outputs.admin_url}/integrations/${integration.client_id}`, { token: admin });
    expect(details.status).toBe(200);
    expect(details.text).not.toContain(integration.client_secret);
    const curl: string = details.body.token_request.curl;
    expect(curl).toContain('<client_secret>');
    const { execFile } = await import('node:child_process');
    const { promisify } = await import('node:util');
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      curl.replace('<client_secret>', integration.client_secret),
    ]);
    expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  });

  test('a read-only integration reads, and its write is 403 with the challenge and the missing scope', async () => {
    const token = await tokenOf(outputs, await createIntegration(outputs, admin, ['issues:read']));
    expect((await readIssues(token)).status).toBe(200);
    const refused = await call('POST', `${outputs.api_url}/projects/${project}/issues`, {
      token,
      body: { title: 'Refused', body: '' },
    });
    expect(refused.status).toBe(403);
    const challenge = refused.headers.get('www-authenticate') ?? '';
    expect(challenge).toMatch(/^Bearer /);
    expect(challenge).toContain('error="insufficient_scope"');
    const metadata = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
    expect((await call('GET', metadata)).body.resource).toBe(outputs.api_url);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body).toMatchObject({ status: 403, scope: 'issues:write' });
  });

  test('without a token, with another word in its place, or with a token altered, the answer is 401 with the challenge', async () => {
    const token = await tokenOf(outputs, await createIntegration(outputs, admin, ['issues:read']));
    const last = token.at(-2) === 'A' ? 'B' : 'A';
    for (const given of [undefined, 'nonsense', `${token.slice(0, -2)}${last}${token.at(-1)}`]) {
      const refused = await call('GET', `${outputs.api_url}/projects/${project}/issues`, given ? { token: given } : {});
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toContain('Bearer error="invalid_token"');
      expect(refused.headers.get('www-authenticate')).toContain('resource_metadata="');
    }
  });

  describe.concurrent('a token already issued', () => {
    const kills: Record<string, (integration: Credentials & { client_id: string }) => Promise<unknown>> = {
      'the integration being disabled': ({ client_id }) =>
        call('POST', `${outputs.admin_url}/integrations/${client_id}/disable`, { token: admin }),
      'the integration being deleted': ({ client_id }) =>
        call('DELETE', `${outputs.admin_url}/integrations/${client_id}`, { token: admin }),
      'revoke-tokens': ({ client_id }) =>
        call('POST', `${outputs.admin_url}/integrations/${client_id}/revoke-tokens`, { token: admin }),
      'its secret being revoked': async ({ client_id }) => {
        const secrets = await call('GET', `${outputs.admin_url}/integrations/${client_id}/secrets`, { token: admin });
        return call('DELETE', `${outputs.admin_url}/integrations/${client_id}/secrets/${secrets.body.items[0].id}`, {
          token: admin,
        });
      },
    };
    for (const [reason, kill] of Object.entries(kills)) {
      test(`dies within the bound of ${reason}`, async ({ expect }) => {
        const integration = await createIntegration(outputs, admin, ['issues:read']);
        const token = await tokenOf(outputs, integration);
        expect((await readIssues(token)).status).toBe(200);
        await kill(integration);
        await sleep(bound);
        expect((await readIssues(token)).status).toBe(401);
      });
    }

    test('loses a right within the bound of the integration losing it, and keeps the others', async ({ expect }) => {
      const integration = await createIntegration(outputs, admin, ['issues:read', 'users:read']);
      const token = await tokenOf(outputs, integration);
      expect((await readIssues(token)).status).toBe(200);
      const changed = await call('PATCH', `${outputs.admin_url}/integrations/${integration.client_id}`, {
        token: admin,
        body: { access: { users: 'read' } },
      });
      expect(changed.status).toBe(200);
      await sleep(bound);
      expect((await readIssues(token)).status).toBe(403);
      expect((await call('GET', `${outputs.api_url}/users`, { token })).status).toBe(200);
    });

    test('is refused within the bound of its own revocation, and no other with it', async ({ expect }) => {
      const integration = await createIntegration(outputs, admin, ['issues:read']);
      const token = await tokenOf(outputs, integration);
      const other = await tokenOf(outputs, integration);
      expect((await readIssues(token)).status).toBe(200);
      const revoked = await call('POST', `${outputs.issuer}/oauth2/revoke`, {
        body: new URLSearchParams({ token, ...credentialsOf(integration) }),
      });
      expect(revoked.status).toBe(200);
      await sleep(bound);
      expect((await readIssues(token)).status).toBe(401);
      expect((await readIssues(other)).status).toBe(200);
    });

    test('lives again once its disabled integration is enabled', async ({ expect }) => {
      const integration = await createIntegration(outputs, admin, ['issues:read']);
      const token = await tokenOf(outputs, integration);
      const url = `${outputs.admin_url}/integrations/${integration.client_id}`;
      expect((await call('POST', `${url}/disable`, { token: admin })).body.status).toBe('disabled');
      await sleep(bound);
      expect((await readIssues(token)).status).toBe(401);
      expect((await requestToken(outputs, integration)).body.error).toBe('invalid_client');
      expect((await call('POST', `${url}/enable`, { token: admin })).body.status).toBe('active');
      await sleep(bound);
      expect((await readIssues(token)).status).toBe(200);
      expect((await requestToken(outputs, integration)).status).toBe(200);
    });

    test('stays dead when the integration is enabled after revoke-tokens', async ({ expect }) => {
      const integration = await createIntegration(outputs, admin, ['issues:read']);
      const token = await tokenOf(outputs, integration);
      const url = `${outputs.admin_url}/integrations/${integration.client_id}`;
      expect((await call('POST', `${url}/revoke-tokens`, { token: admin })).status).toBe(204);
      await call('POST', `${url}/disable`, { token: admin });
      await call('POST', `${url}/enable`, { token: admin });
      await sleep(bound);
      expect((await readIssues(token)).status).toBe(401);
      expect((await readIssues(await tokenOf(outputs, integration))).status).toBe(200);
    });
  });

  test('after deletion the credentials are gone for good and the name is free again', async () => {
    const name = freshName();
    const integration = await createIntegration(outputs, admin, ['issues:read'], { name });
    const again = { token: admin, body: { name, rights: ['issues:read'] } };
    expect((await call('POST', `${outputs.admin_url}/integrations`, again)).status).toBe(409);
    const url = `${outputs.admin_url}/integrations/${integration.client_id}`;
    expect((await call('DELETE', url, { token: admin })).status).toBe(204);
    expect((await call('GET', url, { token: admin })).status).toBe(404);
    const refused = await requestToken(outputs, integration);
    expect(refused.status).toBe(401);
    expect(refused.body.error).toBe('invalid_client');
    expect((await call('POST', `${outputs.admin_url}/integrations`, again)).status).toBe(201);
  });
});

function credentialsOf({ client_id, client_secret }: Credentials): Record<string, string> {
  return { client_id, client_secret };
}
