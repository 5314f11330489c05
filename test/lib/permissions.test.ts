import { describe, expect, test } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import { actionsOf, resourcesOf, type Statement, statementsByFunction, synthesize, templateOf } from './synthesize.ts';

const templates = synthesize();
const auth = templateOf(templates, 'Auth');
const admin = templateOf(templates, 'Admin');
const api = templateOf(templates, 'Api');

/** The only actions that IAM allows on `*` alone, each with its reason in the construct that grants it. */
const withoutResourceTypes = ['dynamodb:ListStreams', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

/** What reads the table's stream: it has no keys to be bounded by; what Lambda hands on, the mapping's filter says. */
const readsStream = /^dynamodb:(?:DescribeStream|GetRecords|GetShardIterator|ListStreams)$/;

/** Secrets that are made at run time are named by the prefix that the deployment alone uses. */
const isOfUpstreamSecrets = ({ Resource }: Statement) =>
  /:secret:Latchkey\/identity-providers\/\*"[^*]*$/.test(JSON.stringify(Resource));

function statementsOf(template: typeof auth, functionId: RegExp): readonly Statement[] {
  const found = [...statementsByFunction(template)].filter(([id]) => functionId.test(id));
  expect(found).toHaveLength(1);
  return found.flatMap(([, statements]) => statements);
}

function having(statements: readonly Statement[], action: string): readonly Statement[] {
  return statements.filter((statement) => actionsOf(statement).includes(action));
}

describe('every function', () => {
  const functions = Object.values(templates).flatMap((template) => [...statementsByFunction(template)]);

  test('has a role of its own', () => {
    const roles = resourcesOf(templates, 'AWS::Lambda::Function').map(([, { Properties }]) =>
      JSON.stringify(Properties.Role),
    );
    expect(new Set(roles).size).toBe(roles.length);
    expect(functions.length).toBe(roles.length);
  });

  test.each(functions)('%s: is allowed named actions on named resources', (_, statements) => {
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) {
      expect(statement.Effect).toBe('Allow');
      for (const action of actionsOf(statement)) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
      if (JSON.stringify(statement.Resource).includes('*') && !isOfUpstreamSecrets(statement))
        expect(withoutResourceTypes).toEqual(expect.arrayContaining([...actionsOf(statement)]));
    }
  });

  test('holds no managed policy', () => {
    for (const [, { Properties }] of resourcesOf(templates, 'AWS::IAM::Role'))
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  test.each(functions)(
    '%s: touches the table by kinds of partition, and never by a request without a key',
    (_, all) => {
      const onTable = all.filter((statement) =>
        actionsOf(statement).some((action) => action.startsWith('dynamodb:') && !readsStream.test(action)),
      );
      for (const { Condition } of onTable) {
        expect(Condition?.Null).toEqual({ 'dynamodb:LeadingKeys': 'false' });
        const patterns = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] as string[];
        expect(patterns.length).toBeGreaterThan(0);
        for (const pattern of patterns) expect(pattern).toMatch(/^[A-Z_]+#\*$/);
      }
      const decrypting = having(all, 'kms:Decrypt').filter((statement) =>
        JSON.stringify(statement.Condition).includes('"dynamodb."'),
      );
      expect(decrypting).toHaveLength(onTable.length === 0 ? 0 : 1);
    },
  );

  test('may never scan the table, nor change an audit event; only what removes tenants deletes any', () => {
    const allowing = (action: string) =>
      functions
        .filter(([, statements]) => JSON.stringify(having(statements, action)).includes('AUDIT_EVENT#'))
        .map(([id]) => id.replace(/Function[0-9A-F]+$/, ''));
    for (const [, statements] of functions)
      for (const action of statements.flatMap(actionsOf)) expect(action).not.toMatch(/Scan|PartiQL/);
    for (const action of ['dynamodb:UpdateItem', 'dynamodb:BatchWriteItem']) expect(allowing(action)).toEqual([]);
    expect(allowing('dynamodb:DeleteItem')).toEqual(['TenantDeletions']);
    expect(allowing('dynamodb:PutItem').length).toBeGreaterThan(10);
  });
});

describe('the token endpoint', () => {
  const token = statementsOf(auth, /^Functionstoken/);

  test('cannot touch issues', () => {
    expect(JSON.stringify(token)).not.toContain('ISSUE#');
    expect(JSON.stringify(statementsOf(api, /Functionsissues/))).toContain('ISSUE#*');
  });

  test('signs with the declared key, in its own algorithm, and nobody else signs', () => {
    const [signing, ...others] = having(token, 'kms:Sign');
    expect(others).toEqual([]);
    expect(signing?.Condition).toEqual({
      StringEquals: { 'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256', 'kms:MessageType': 'DIGEST' },
    });
    const signers = Object.values(templates)
      .flatMap((template) => [...statementsByFunction(template)])
      .filter(([, statements]) => having(statements, 'kms:Sign').length > 0);
    const issuing = Object.values<Route>(routes).filter(({ keys }) => keys?.includes('sign-token'));
    const telling = Object.values<Route>(routes).filter(({ keys }) => keys?.includes('sign-webhook'));
    // By functions that serve no route, logout tokens and what endpoints are told are signed besides.
    expect(signers).toHaveLength(new Set([...issuing, ...telling].map(({ entry }) => entry)).size + 2);
  });

  test('reads partitions of several kinds in one call by one statement', () => {
    const [batch, ...others] = having(token, 'dynamodb:BatchGetItem');
    expect(others).toEqual([]);
    expect(batch?.Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']).toEqual([
      'DEPLOYMENT#*',
      'TENANT#*',
      'INTEGRATION#*',
      'USER#*',
      'SESSION#*',
      'CONSENT#*',
      'PROJECT_RIGHTS#*',
      'APPLICATION#*',
      'CREDENTIAL_USE#*',
    ]);
  });
});

test('tokens are signed where browsers are answered only where the stage names the implicit flow', () => {
  const signs = (legacyGrants: readonly ('implicit' | 'password')[]) => {
    const auth = templateOf(synthesize({ legacyGrants }), 'Auth');
    return having(statementsOf(auth, /^Functionsauthorize/), 'kms:Sign').length > 0;
  };
  expect(signs([])).toBe(false);
  expect(signs(['password'])).toBe(false);
  expect(signs(['implicit'])).toBe(true);
});

test('a revoked key signs nothing, and its public part can still be read', () => {
  const stage = synthesize({
    signingKeys: [
      { name: 'rs256-1', algorithm: 'RS256', state: 'revoked' },
      { name: 'rs256-2', algorithm: 'RS256' },
    ],
  });
  const text = JSON.stringify(having(statementsOf(templateOf(stage, 'Auth'), /^Functionstoken/), 'kms:Sign'));
  expect(text).not.toContain('rs2561');
  expect(text).toContain('rs2562');
  const bootstrap = JSON.stringify(having(statementsOf(templateOf(stage, 'Admin'), /^Bootstrap/), 'kms:GetPublicKey'));
  expect(bootstrap).toContain('rs2561');
  expect(bootstrap).toContain('rs2562');
});

test('our secrets at identity providers are made by one function, which reads none, read by another, which changes none, and deleted with their tenant', () => {
  const touching = Object.values(templates)
    .flatMap((template) => [...statementsByFunction(template)])
    .flatMap(([id, statements]) => statements.map((statement) => ({ id, statement })))
    .filter(({ statement }) => isOfUpstreamSecrets(statement));
  const keeping = ['secretsmanager:CreateSecret', 'secretsmanager:DeleteSecret', 'secretsmanager:PutSecretValue'];
  expect(touching.map(({ id, statement }) => [id.replace(/Function[0-9A-F]+$/, ''), actionsOf(statement)])).toEqual([
    ['Functionsupstreamcallback', ['secretsmanager:GetSecretValue']],
    ['AdminFunctionsidentityproviders', keeping],
    ['TenantDeletions', ['secretsmanager:DeleteSecret']],
  ]);
});

test('an index has a statement of its own', () => {
  const onIndex = statementsOf(api, /Functionsissues/).filter((statement) =>
    JSON.stringify(statement.Resource).includes('/index/by-tenant'),
  );
  expect(onIndex.map(actionsOf)).toEqual([['dynamodb:Query']]);
});

test('a secret is decrypted for its tenant and client alone', () => {
  const [decrypting] = having(statementsOf(admin, /Functionssecrets/), 'kms:Decrypt').filter(
    (statement) => !JSON.stringify(statement).includes('kms:ViaService'),
  );
  expect(decrypting?.Condition).toEqual({
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenant', 'client_id'] },
    Null: { 'kms:EncryptionContextKeys': 'false' },
  });
});

test('a secret of a user is kept where second factors are enrolled, and used there and at the second step', () => {
  const ofUsers = [...statementsByFunction(auth)].flatMap(([id, statements]) =>
    statements.filter((statement) => JSON.stringify(statement).includes('"user_id"')).map((found) => ({ id, found })),
  );
  const allowed = (function_: RegExp) =>
    ofUsers.filter(({ id }) => function_.test(id)).flatMap(({ found }) => actionsOf(found));
  expect(allowed(/^Functionsenrolsecondfactor/).toSorted()).toEqual(['kms:Decrypt', 'kms:Encrypt']);
  expect(allowed(/^Functionssecondfactor/)).toEqual(['kms:Decrypt']);
  expect(new Set(ofUsers.map(({ id }) => id)).size).toBe(2);
  for (const { found } of ofUsers)
    expect(found.Condition).toEqual({
      'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenant', 'user_id'] },
      Null: { 'kms:EncryptionContextKeys': 'false' },
    });
});

test.each(Object.values(routes).map((route: Route) => [route.entry, route.touches] as const))(
  '%s may do what its rows say',
  (entry, touches) => {
    const template = { auth, admin, api }[entry.split('/')[0] as 'auth' | 'admin' | 'api'];
    const statements = statementsOf(
      template,
      new RegExp(`Functions${entry.split('/')[1]?.replaceAll('-', '')}Function`),
    );
    for (const [kind, actions] of Object.entries(touches))
      for (const action of actions)
        expect(
          having(statements, `dynamodb:${action === 'QueryIndex' ? 'Query' : action}`).some((statement) =>
            JSON.stringify(statement.Condition).includes(`"${kind.toUpperCase().replaceAll('-', '_')}#*"`),
          ),
          `${action} on ${kind}`,
        ).toBe(true);
  },
);

describe('what only a legacy grant needs', () => {
  const passwords = ['USER_CREDENTIALS#*', 'SIGN_IN_ATTEMPTS#*', 'FEDERATED_IDENTITY#*'];
  const tokenOf = (legacyGrants: readonly ('password' | 'implicit')[]) =>
    JSON.stringify(statementsOf(templateOf(synthesize({ legacyGrants }), 'Auth'), /^Functionstoken/));

  test('is granted where the stage names that grant', () => {
    for (const kind of passwords) expect(tokenOf(['password'])).toContain(kind);
  });

  test('is granted neither without it nor for another', () => {
    for (const kind of passwords)
      for (const statements of [tokenOf([]), tokenOf(['implicit'])]) expect(statements).not.toContain(kind);
  });
});

test('proofs of possession are written down where the stage has dpop, by who takes them, and nowhere else', () => {
  const bound = templateOf(synthesize({ dpop: true }), 'Auth');
  const takers = (template: typeof auth) =>
    [...statementsByFunction(template)]
      .filter(([, statements]) => JSON.stringify(statements).includes('DPOP_PROOF#*'))
      .map(([id]) => /^Functions([a-z]+)Func/.exec(id)?.[1]);
  expect(takers(auth)).toEqual([]);
  expect(takers(bound).sort()).toEqual(['par', 'token', 'userinfo']);
});
