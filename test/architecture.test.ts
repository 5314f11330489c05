import { basename } from 'node:path';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { logger } from '../functions/shared/logger.ts';
import type { Route } from '../src/api/route.ts';
import { backgroundTouches, routes } from '../src/api/routes.ts';
import { type Import, importsOf, readSource, sourceFiles } from './imports.ts';

logger.setLogLevel('SILENT');

interface Direction {
  /** Files that the direction is for; a file is under the first that fits. */
  readonly of: RegExp;
  /** What they may import: paths of the project, and packages. */
  readonly from: RegExp;
  /** What they may import types of besides. */
  readonly typesFrom?: RegExp;
}

const entries = new Set([
  ...Object.values<Route>(routes).map(({ entry }) => `functions/${entry}.ts`),
  ...Object.keys(backgroundTouches).map((entry) => `functions/${entry}.ts`),
  ...sourceFiles('functions/workload/*.ts'),
]);

/** Who may import whom. */
const directions: readonly Direction[] = [
  { of: /^src\/entities\//, from: /^(src\/entities\/|zod\/mini$|node:(crypto|util|zlib)$)/ },
  { of: /^src\/api\//, from: /^(src\/(api|entities)\/|zod\/mini$)/ },
  { of: /^src\/(environment|once)\.ts$/, from: /^$/ },
  { of: /^src\/ports\.ts$/, from: /^$/, typesFrom: /^src\/entities\// },
  {
    of: /^src\/(oauth|deployment|deliveries)\//,
    from: /^(src\/(oauth|deployment|deliveries|entities|api)\/|src\/(ports|once)\.ts$|zod\/mini$|jose$|node:crypto$)/,
  },
  {
    of: /^src\/authentication\//,
    from: /^(src\/(authentication|entities)\/|src\/ports\.ts$|zod\/mini$|node:crypto$|otpauth$|@simplewebauthn\/server$)/,
  },
  {
    of: /^src\/federation\//,
    from: /^(src\/(federation|entities)\/|src\/ports\.ts$|zod\/mini$|node:crypto$|oauth4webapi$)/,
  },
  { of: /^src\/pages\//, from: /^(src\/(pages|api|entities)\/|hono\/html$|uqr$|node:crypto$)/ },
  {
    of: /^src\/adapters\/dynamodb\//,
    from: /^(src\/(adapters\/dynamodb|entities)\/|src\/(ports|once)\.ts$|zod\/mini$|node:crypto$|@aws-sdk\/(lib|util|client)-dynamodb$)/,
    typesFrom: /^src\/deployment\//,
  },
  {
    of: /^src\/adapters\//,
    from: /^(src\/(adapters|entities|deployment)\/|src\/ports\.ts$|zod\/mini$|ipaddr\.js$|sshpk$|node:(crypto|dns|https?|net)$|@aws-sdk\/client-(kms|secrets-manager)$)/,
    typesFrom: /^src\/(oauth|deliveries)\//,
  },
  {
    of: /^functions\//,
    from: /^(src\/|functions\/|zod\/mini$|node:(crypto|timers\/promises)$|@middy\/core$|@aws-sdk\/(client-[a-z-]+|lib-dynamodb|credential-provider-env)$|@aws-lambda-powertools\/logger$)/,
    typesFrom: /^aws-lambda$/,
  },
  {
    of: /^lib\//,
    from: /^(lib\/|src\/api\/|src\/environment\.ts$|src\/adapters\/dynamodb\/table\.ts$|src\/entities\/partition\.ts$|(?!src\/|functions\/|local\/|bench\/|test\/)[@a-z])/,
    typesFrom: /^src\/entities\//,
  },
  { of: /^bin\//, from: /^(lib\/|node:)/ },
  { of: /^local\//, from: /^(local\/|(?!src\/|functions\/|lib\/|bin\/|bench\/|test\/)[@a-z])/ },
];

function isAllowed({ target, typeOnly }: Import, { from, typesFrom }: Direction): boolean {
  return from.test(target) || (typeOnly && (typesFrom?.test(target) ?? false));
}

function violationsOf(file: string, source?: string): string[] {
  const direction = directions.find(({ of }) => of.test(file));
  if (direction === undefined) return [`${file} lies where nothing says what it may import`];
  return importsOf(file, source)
    .filter((found) => !isAllowed(found, direction) || (file.startsWith('functions/') && entries.has(found.target)))
    .map(({ target }) => `${file} imports ${target}`);
}

const product = sourceFiles('src/**/*.ts', 'functions/**/*.ts');
const everything = [...product, ...sourceFiles('{bin,lib,local}/**/*.ts')].filter((file) => !file.endsWith('.d.ts'));

describe('imports', () => {
  it('go in the directions that are allowed, and no other', () => {
    expect(everything.flatMap((file) => violationsOf(file))).toEqual([]);
  });

  it.each([
    ['src/entities/user.ts', "import { rights } from '../api/rights.ts';"],
    ['src/entities/user.ts', "import { request } from 'node:http';"],
    ['src/api/rights.ts', "import { createHash } from 'node:crypto';"],
    ['src/oauth/scope.ts', "import { tableOf } from '../adapters/dynamodb/commands.ts';"],
    ['src/adapters/kms/jwt-signer.ts', "import { rights } from '../../api/rights.ts';"],
    ['src/adapters/kms/jwt-signer.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['functions/admin/users.ts', "import { handler } from './projects.ts';"],
    ['functions/admin/users.ts', "export * from '../api/users.ts';"],
    ['lib/stage.ts', "import { handler } from '../functions/auth/token.ts';"],
    ['lib/stage.ts', "import { isTrusted } from '../src/entities/signing-key.ts';"],
    ['local/main.ts', "import { routes } from '../src/api/routes.ts';"],
    ['local/main.ts', "const { routes } = await import('../src/api/routes.ts');"],
    ['bin/latchkey.ts', "import { routes } from '../src/api/routes.ts';"],
    ['src/pages/sign-in.ts', "import { users } from '../adapters/dynamodb/user.ts';"],
    ['src/authentication/password.ts', "import { fetch } from 'undici';"],
    ['tools/thing.ts', ''],
  ])('of %s are seen to go wrong in: %s', (file, source) => {
    expect(violationsOf(file, source)).toHaveLength(1);
  });

  it.each([
    ['src/entities/user.ts', "import * as z from 'zod/mini';\nimport { newId } from './identifiers.ts';"],
    ['src/api/route.ts', "import type { Touches } from '../entities/partition.ts';"],
    ['functions/admin/users.ts', "import {\n  users,\n} from '../../src/adapters/dynamodb/user.ts';"],
    [
      'lib/stage.ts',
      "import { Stack } from 'aws-cdk-lib';\nimport { type SigningKey } from '../src/entities/signing-key.ts';",
    ],
    ['local/main.ts', "import { open } from './store.ts';\nimport 'node:fs';"],
  ])('of %s are left alone in: %s', (file, source) => {
    expect(violationsOf(file, source)).toEqual([]);
  });

  it('bring nothing of Node into what the console shares', () => {
    const reached = new Set<string>();
    const visit = (file: string) => {
      if (reached.has(file)) return;
      reached.add(file);
      if (file.endsWith('.ts')) for (const { target, typeOnly } of importsOf(file)) if (!typeOnly) visit(target);
    };
    for (const file of sourceFiles('src/api/**/*.ts')) visit(file);
    expect([...reached].filter((target) => !target.endsWith('.ts'))).toEqual(['zod/mini']);
  });

  it('of zod are of zod/mini, by name, so that bundles stay small', () => {
    const lines = product.flatMap((file) => readSource(file).match(/^.*from 'zod.*$/gm) ?? []);
    const wrong = lines.filter((line) => !/^import (type )?\* as z from 'zod\/mini';$/.test(line));
    expect(wrong).toEqual([]);
  });

  it('make no schema of a row while they load, so that starts stay short', () => {
    const adapters = product.filter((file) => file.startsWith('src/adapters/'));
    const eager = adapters.filter((file) => /^(export )?const \w+ = (z\.|\{[^}]*\bz\.)/m.test(readSource(file)));
    expect(eager).toEqual([]);
  });
});

describe('the environment, time and randomness', () => {
  const except = (...allowed: readonly string[]) => product.filter((file) => !allowed.includes(file));
  const using = (files: readonly string[], pattern: RegExp) => files.filter((file) => pattern.test(readSource(file)));

  it('are read in one file: of process.env', () => {
    expect(using(except('functions/shared/services.ts'), /process\.env[.[]/)).toEqual([]);
  });

  it('come in through ports: no clock of its own in the product', () => {
    const clocks = ['functions/shared/services.ts', 'functions/shared/metrics.ts'];
    expect(using(except(...clocks), /Date\.now\(\)|new Date\(\)/)).toEqual([]);
  });

  it('come in through ports: no randomness of its own in the product', () => {
    const sources = ['functions/shared/services.ts', 'functions/shared/pause.ts'];
    const random = /Math\.random|randomUUID|randomBytes as|randomBytes[^;]*from 'node:crypto'/;
    expect(using(except(...sources), random)).toEqual([]);
  });
});

describe('files', () => {
  it('have a name that says what is in them', () => {
    const vague = /(^|[-.])(utils?|helpers?|common|misc)\b/;
    expect(everything.filter((file) => vague.test(basename(file, '.ts')))).toEqual([]);
  });

  it('do one thing: none is longer than 300 lines', () => {
    expect(everything.filter((file) => readSource(file).split('\n').length > 300)).toEqual([]);
  });

  it('named index are registries', () => {
    expect(everything.filter((file) => basename(file) === 'index.ts')).toEqual([
      'src/oauth/client-authentication/index.ts',
      'src/oauth/grants/index.ts',
    ]);
  });
});

type LambdaHandler = (event: APIGatewayProxyEvent, context: never) => Promise<APIGatewayProxyResult>;

const rows = Object.entries<Route>(routes);
const files = sourceFiles('functions/{auth,admin,api}/*.ts');
const entryOf = (file: string) => file.slice('functions/'.length, -'.ts'.length);

describe('rows and entry files', () => {
  it('match one to one', () => {
    expect([...new Set(rows.map(([, { entry }]) => entry))].sort()).toEqual(files.map(entryOf).sort());
    expect(sourceFiles('functions/{authorizer,deployment}/*.ts')).toEqual(
      expect.arrayContaining(Object.keys(backgroundTouches).map((entry) => `functions/${entry}.ts`)),
    );
  });

  it.each(files)('%s serves its rows, and none of another entry', async (file) => {
    const { handler } = (await import(/* @vite-ignore */ `${import.meta.dirname}/../${file}`)) as {
      handler: LambdaHandler;
    };
    const served: string[] = [];
    const own = rows.filter(([, row]) => row.entry === entryOf(file));
    const sameApi = rows.filter(([, row]) => row.api === own[0]?.[1].api);
    for (const [operation, row] of sameApi) {
      const event = { httpMethod: row.method, resource: row.path, headers: {}, requestContext: {} };
      // Without caller and table nothing succeeds; what the entry does not know is not found.
      const { statusCode } = await handler(event as unknown as APIGatewayProxyEvent, {} as never);
      if (statusCode !== 404) served.push(operation);
    }
    if (own[0]?.[1].api === 'auth') expect(served).not.toEqual([]);
    else expect(served).toEqual(own.map(([operation]) => operation));
  });

  it('one method of one path is one row', () => {
    const keys = rows.map(([, { api, method, path }]) => `${method} /${api}${path}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('a project that a row decides on, and what a handler reads from the path, is in the path', () => {
    for (const [operation, { path, projectParameter, selfAllowed }] of rows) {
      if (projectParameter !== undefined) expect(path, operation).toContain(`{${projectParameter}}`);
      if (selfAllowed) expect(path, operation).toContain('{client_id}');
    }
  });

  it('a row that takes a body or answers one says which', () => {
    for (const [operation, row] of rows.filter(([, { api }]) => api !== 'auth')) {
      const readsJson = ['POST', 'PUT', 'PATCH'].includes(row.method);
      if (row.body !== undefined) expect(readsJson, operation).toBe(true);
      if (row.status === 204) expect(row.answer, operation).toBeUndefined();
    }
  });
});
