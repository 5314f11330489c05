import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { call, tokenOf } from './client.ts';
import { authorize, createApp } from './sign-in.ts';

/** The revocation bound, and a moment for the clock. */
const bound = 5_200;

const manage = 'personal-access-tokens:manage';

describe('a personal access token', () => {
  const outputs = inject('oneOrigin');
  const { member } = outputs.users;
  let admin: string;
  beforeAll(async () => {
    admin = await tokenOf(outputs, outputs.admin);
  });

  const ask = (method: string, path: string, token: string, body?: unknown) =>
    call(method, `${outputs.admin_url}${path}`, { token, ...(body !== undefined && { body }) });
  const users = (token: string) => call('GET', `${outputs.api_url}/users`, { token });

  /** A member's access token through a new app, and a personal access token made with it. */
  async function made(rights: readonly string[] = ['users:read']) {
    const { configuration, integration } = await createApp(outputs, admin, [manage, 'users:read', 'issues:read'], {
      token_endpoint_auth_method: 'none',
    });
    const { access_token: token } = await authorize(configuration, member, `openid ${manage} users:read issues:read`);
    const created = await ask('POST', '/personal-access-tokens', token, { name: 'Script', rights, expires_in: 3600 });
    expect(created.status, created.text).toBe(201);
    return { token, integration, id: created.body.id as string, personal: created.body.token as string };
  }

  test('is accepted like an access token, for its own rights and no others, and its use is noted', async () => {
    const { token, id, personal } = await made();
    expect(personal).toMatch(/^lkp_[0-9A-Za-z]{88}$/);
    expect((await users(personal)).status).toBe(200);
    expect((await call('GET', `${outputs.api_url}/issues`, { token: personal })).status).toBe(403);
    expect((await ask('GET', '/personal-access-tokens', personal)).status).toBe(403);
    const { body } = await ask('GET', `/personal-access-tokens/${id}`, token);
    expect(body).toMatchObject({ id, last_used_at: expect.stringMatching(/T\d\d:00:00\.000Z$/) });
    expect(JSON.stringify(body)).not.toContain(personal);
  });

  test('does not create another, whatever its rights', async () => {
    const { personal } = await made([manage, 'users:read']);
    const body = { name: 'Another', rights: ['users:read'], expires_in: 60 };
    expect((await ask('POST', '/personal-access-tokens', personal, body)).status).toBe(403);
  });

  test('dies within seconds of its revocation, by its user or by an administrator', async () => {
    const [one, other] = [await made(), await made()];
    const whose = (await ask('GET', '/users?limit=100', admin)).body.items.find(
      ({ username }: { username: string }) => username === member.username,
    );
    expect((await users(one.personal)).status).toBe(200);
    expect((await users(other.personal)).status).toBe(200);
    expect((await ask('DELETE', `/personal-access-tokens/${one.id}`, one.token)).status).toBe(204);
    expect((await ask('DELETE', `/users/${whose.id}/personal-access-tokens/${other.id}`, admin)).status).toBe(204);
    await sleep(bound);
    expect((await users(one.personal)).status).toBe(401);
    expect((await users(other.personal)).status).toBe(401);
  });

  test('dies with the consent to the app that it was made through, and not with the session', async () => {
    const { token, integration, personal } = await made();
    const session = (await ask('GET', '/sessions', token)).body.items.find(
      ({ current }: { current: boolean }) => current,
    );
    expect((await ask('DELETE', `/sessions/${session.id}`, token)).status).toBe(204);
    await sleep(bound);
    expect((await ask('GET', '/sessions', token)).status).toBe(401);
    expect((await users(personal)).status).toBe(200);
    const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const consent = `/users/${sub}/consents/${integration.client_id}`;
    expect((await ask('DELETE', consent, admin)).status).toBe(204);
    await sleep(bound);
    expect((await users(personal)).status).toBe(401);
    expect((await ask('DELETE', consent, admin)).status).toBe(404);
  });
});
