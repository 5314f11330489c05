import { validate } from '@readme/openapi-parser';
import { describe, expect, test } from 'vitest';
import { openApi } from '../../../src/api/openapi.ts';
import type { Route } from '../../../src/api/route.ts';
import { routes } from '../../../src/api/routes.ts';

interface Operation {
  readonly operationId: string;
  readonly 'x-right': string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}

const description = openApi({
  auth: 'https://one.example/auth',
  admin: 'https://two.example/admin',
  api: 'https://three.example/api',
});
const paths = description.paths as Record<string, Record<string, Operation> & { servers: { url: string }[] }>;

describe.each(Object.entries<Route>(routes))('%s', (operation, row) => {
  const item = paths[`/${row.api}${row.path}`];
  const described = item?.[row.method.toLowerCase()];

  test('is described under its path, method and right', () => {
    expect(described).toMatchObject({ operationId: operation, 'x-right': row.right });
    expect(described?.responses).toHaveProperty(String(row.status));
  });

  test('names every path parameter, and the server of its API', () => {
    const named = described?.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(named).toEqual([...row.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(item?.servers).toEqual([
      { url: { auth: 'https://one.example', admin: 'https://two.example', api: 'https://three.example' }[row.api] },
    ]);
  });

  test('asks for a token exactly where the authorizer does', () => {
    const asked = described?.security.some((scheme) => 'oauth2' in scheme);
    expect(asked).toBe(row.right !== 'none');
  });

  test('has a body exactly where the row has a schema, or the protocol a form', () => {
    expect(described?.requestBody !== undefined).toBe(
      row.body !== undefined || (row.api === 'auth' && row.method === 'POST'),
    );
  });
});

test('operation ids are unique and no other operation is described', () => {
  const ids = Object.values(paths).flatMap(({ servers: _, ...methods }) =>
    Object.values(methods as Record<string, Operation>).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.sort()).toEqual(Object.keys(routes).sort());
});

test('a change that must name its version says so, and creation says where the new thing is', () => {
  const issue = paths['/api/v1/projects/{project}/issues/{number}'];
  expect(issue?.patch?.parameters).toContainEqual(
    expect.objectContaining({ name: 'If-Match', in: 'header', required: true }),
  );
  expect(issue?.get?.parameters.some((parameter) => parameter.in === 'header')).toBe(false);
  expect(paths['/admin/v1/integrations']?.post?.responses['201']).toHaveProperty('headers.Location');
});

test('it is valid OpenAPI 3.1', async () => {
  const result = await validate(JSON.parse(JSON.stringify(description)));
  expect(result).toMatchObject({ valid: true });
});
