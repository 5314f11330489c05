import { beforeAll, expect, test, vi } from 'vitest';
import type { SigningKeyDeclaration } from '../../lib/stage.ts';
import type { Principal, Statement } from '../../local/iam/types.ts';
import { tokenOf } from '../conformance/client.ts';
import { type EnforcedRun, enforcedRun, entryOf, synthesized, tableNameOf, temporaryFolder } from './enforced-run.ts';
import { exercised, granted } from './grants.ts';
import { aDayLater, ageSigningKeys } from './signing-key-age.ts';
import { tour } from './tour.ts';

const algorithm = 'RS256';
const atFirst: readonly SigningKeyDeclaration[] = [{ name: 'rs256-1', algorithm }];
/** The first key is compromised; the second takes its place at once, the third will follow it. */
const later: readonly SigningKeyDeclaration[] = [
  { name: 'rs256-1', algorithm, state: 'revoked' },
  { name: 'rs256-2', algorithm },
  { name: 'rs256-3', algorithm },
];

const used = new Set<string>();
const held = new Set<string>();
let principals: readonly Principal[];

async function ended(run: EnforcedRun): Promise<void> {
  for (const grant of granted(run.principals)) held.add(grant);
  for (const grant of exercised(run.endpoint.exercised())) used.add(grant);
  principals = run.principals;
  await run.close();
}

beforeAll(async () => {
  const dataDirectory = temporaryFolder();
  const first = await enforcedRun(synthesized({ signingKeys: atFirst }), { dataDirectory });
  await tour(first.outputs);
  await ended(first);

  const assembly = synthesized({ signingKeys: later });
  const second = await enforcedRun(assembly, { dataDirectory });
  await tokenOf(second.outputs, second.outputs.admin);
  await ended(second);

  await ageSigningKeys(dataDirectory, tableNameOf(second));
  const third = await aDayLater(() => enforcedRun(assembly, { dataDirectory }));
  const daily = third.principals.find(({ functionName }) => entryOf(functionName) === 'auth/dailysigningkeys');
  // It reads what is there, moves the third key on, and reads again what is active now.
  await vi.waitFor(
    () => expect(third.endpoint.calls.of(daily?.functionName ?? '')).toMatchObject({ 'dynamodb:Query': 2 }),
    10_000,
  );
  await tokenOf(third.outputs, third.outputs.admin);
  await ended(third);
});

/** What is held and never used. */
const superfluous = (grants: ReadonlySet<string>): string[] => [...grants].filter((grant) => !used.has(grant)).sort();

test('every action on every resource, of every kind of partition, that a role is granted is exercised', () => {
  expect(held.size).toBeGreaterThan(100);
  expect(superfluous(held)).toEqual([]);
});

test.each([
  [
    'an action',
    (statement: Statement) => ({ ...statement, Action: [statement.Action ?? [], 'dynamodb:Scan'].flat() }),
    / dynamodb:Scan arn:/,
  ],
  ['a kind of partition', anotherKind, / TENANT#\*$/],
  [
    'a resource',
    (statement: Statement) => ({ ...statement, Resource: ['arn:aws:dynamodb:eu-central-1:000000000000:table/other'] }),
    /table\/other/,
  ],
] as const)('%s more than is exercised is found', (_, change, found) => {
  const doctored = principals.map((principal) =>
    entryOf(principal.functionName) === 'auth/jwks' ? withTableStatement(principal, change) : principal,
  );
  const more = superfluous(granted(doctored));
  expect(more.length).toBeGreaterThan(0);
  for (const grant of more) expect(grant).toMatch(found);
});

function anotherKind(statement: Statement): Statement {
  const patterns = ['DEPLOYMENT#*', 'TENANT#*'];
  return {
    ...statement,
    Condition: { ...statement.Condition, 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns } },
  };
}

function withTableStatement(principal: Principal, change: (statement: Statement) => Statement): Principal {
  const onTable = ({ Action }: Statement) => [Action ?? []].flat().some((action) => action.startsWith('dynamodb:'));
  const policies = principal.policies.map((policy) => ({
    ...policy,
    Statement: policy.Statement.map((statement) => (onTable(statement) ? change(statement) : statement)),
  }));
  return { ...principal, policies };
}
