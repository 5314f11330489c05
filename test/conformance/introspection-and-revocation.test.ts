import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type Credentials, call, createIntegration, tokenOf } from './client.ts';

const outputs = inject('oneOrigin');
let admin: string;
beforeAll(async () => {
  admin = await tokenOf(outputs, outputs.admin);
});

const ask = (endpoint: 'introspect' | 'revoke', { client_id, client_secret }: Credentials, token: string) =>
  call('POST', `${outputs.issuer}/oauth2/${endpoint}`, {
    body: new URLSearchParams({ token, client_id, client_secret }),
  });

describe('introspection', () => {
  test("tells a client of its own token, and a holder of tokens:introspect of others'", async () => {
    const own = await createIntegration(outputs, admin, ['issues:read']);
    const reader = await createIntegration(outputs, admin, ['tokens:introspect']);
    const stranger = await createIntegration(outputs, admin, ['issues:read']);
    const token = await tokenOf(outputs, own);
    for (const client of [own, reader]) {
      const { status, body } = await ask('introspect', client, token);
      expect(status).toBe(200);
      expect(body).toMatchObject({ active: true, scope: 'issues:read', client_id: own.client_id, iss: outputs.issuer });
    }
    expect((await ask('introspect', stranger, token)).text).toBe('{"active":false}');
  });

  test('says exactly {"active":false} of what is no live token', async () => {
    const own = await createIntegration(outputs, admin, ['issues:read', 'users:read']);
    const token = await tokenOf(outputs, own);
    expect((await ask('introspect', own, 'nonsense')).text).toBe('{"active":false}');
    expect((await ask('introspect', own, `${token.slice(0, -3)}AAA`)).text).toBe('{"active":false}');
    expect((await ask('revoke', own, token)).status).toBe(200);
    expect((await ask('introspect', own, token)).text).toBe('{"active":false}');
  });

  test('shows scope as held now', async () => {
    const own = await createIntegration(outputs, admin, ['issues:read', 'users:read']);
    const token = await tokenOf(outputs, own);
    await call('PATCH', `${outputs.admin_url}/integrations/${own.client_id}`, {
      token: admin,
      body: { access: { users: 'read' } },
    });
    expect((await ask('introspect', own, token)).body).toMatchObject({ active: true, scope: 'users:read' });
  });

  test('refuses a caller that does not authenticate', async () => {
    const own = await createIntegration(outputs, admin, ['issues:read']);
    const reply = await ask('introspect', { ...own, client_secret: 'wrong' }, await tokenOf(outputs, own));
    expect(reply.status).toBe(401);
    expect(reply.body.error).toBe('invalid_client');
  });
});

describe('revocation', () => {
  test('answers 200 to what is no token, and 400 to the token of another client, which lives on', async () => {
    const own = await createIntegration(outputs, admin, ['issues:read']);
    const other = await createIntegration(outputs, admin, ['issues:read']);
    const token = await tokenOf(outputs, own);
    expect((await ask('revoke', own, 'nonsense')).status).toBe(200);
    const refused = await ask('revoke', other, token);
    expect(refused.status).toBe(400);
    expect(refused.body.error).toBe('invalid_request');
    expect((await ask('introspect', own, token)).body.active).toBe(true);
  });
});
