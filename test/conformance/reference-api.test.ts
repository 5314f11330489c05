import { beforeAll, describe, expect, inject, test } from 'vitest';
import { call, createIntegration, freshProjectKey, tokenOf } from './client.ts';

describe.each(['oneOrigin', 'separateOrigins'] as const)('%s', (form) => {
  const outputs = inject(form);
  let admin: string;
  let project: string;
  let issues: string;

  beforeAll(async () => {
    admin = await tokenOf(outputs, outputs.admin);
    project = freshProjectKey();
    issues = `${outputs.api_url}/projects/${project}/issues`;
    const body = { key: project, name: 'Numbers' };
    expect((await call('POST', `${outputs.admin_url}/projects`, { token: admin, body })).status).toBe(201);
  });

  const create = (token: string) => call('POST', issues, { token, body: { title: 'Door', body: 'It sticks.' } });
  const change = (url: string, headers: Record<string, string> = {}) =>
    call('PATCH', url, { token: admin, headers, body: { status: 'closed' } });

  test('fifty issues created at once have consecutive numbers, each once', async () => {
    const created = await Promise.all(Array.from({ length: 50 }, () => create(admin)));
    expect(new Set(created.map(({ status }) => status))).toEqual(new Set([201]));
    const numbers = created.map(({ body }) => body.number).sort((one, other) => one - other);
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => (numbers[0] ?? 0) + index));
  });

  test('an issue lies where its location says, and nothing changes it but who read its version', async () => {
    const created = await create(admin);
    expect(new URL(created.headers.get('location') ?? '', outputs.api_url).href).toBe(
      `${issues}/${created.body.number}`,
    );
    const url = `${issues}/${created.body.number}`;
    const read = await call('GET', url, { token: admin });
    expect(read.body).toEqual(created.body);
    const entityTag = read.headers.get('etag') ?? '';
    expect(entityTag).toMatch(/^"[^"]+"$/);

    expect((await change(url)).status).toBe(428);
    expect((await change(url, { 'if-match': `W/${entityTag}` })).status).toBe(412);
    const racers = await Promise.all(Array.from({ length: 5 }, () => change(url, { 'if-match': entityTag })));
    expect(racers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412]);
    const changed = await call('GET', url, { token: admin });
    expect(changed.body).toMatchObject({ status: 'closed', version: 2, title: 'Door' });
    expect(changed.headers.get('etag')).not.toBe(entityTag);
  });

  test('reading opens no writing, and no right of a project opens no project', async () => {
    const reader = await tokenOf(outputs, await createIntegration(outputs, admin, ['issues:read']));
    expect((await call('GET', issues, { token: reader })).status).toBe(200);
    expect((await create(reader)).status).toBe(403);
    const keys = (reply: Awaited<ReturnType<typeof call>>) => reply.body.items.map((item: { key: string }) => item.key);
    const projects = (token: string) => call('GET', `${outputs.api_url}/projects?limit=100`, { token });
    expect(keys(await projects(reader))).toContain(project);
    const other = await tokenOf(outputs, await createIntegration(outputs, admin, ['users:read']));
    expect(keys(await projects(other))).toEqual([]);
  });

  test('a deleted project takes its issues with it, and its key is never used again', async () => {
    const key = freshProjectKey();
    const body = { key, name: 'Short' };
    const url = `${outputs.api_url}/projects/${key}/issues`;
    await call('POST', `${outputs.admin_url}/projects`, { token: admin, body });
    expect((await call('POST', url, { token: admin, body: { title: 'Door' } })).status).toBe(201);
    expect((await call('DELETE', `${outputs.admin_url}/projects/${key}`, { token: admin })).status).toBe(204);
    expect((await call('GET', `${url}/1`, { token: admin })).status).toBe(404);
    expect((await call('POST', url, { token: admin, body: { title: 'Door' } })).status).toBe(404);
    expect((await call('POST', `${outputs.admin_url}/projects`, { token: admin, body })).status).toBe(409);
  });
});
