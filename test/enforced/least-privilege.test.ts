import { beforeAll, expect, test, vi } from 'vitest';
import type { SigningKeyDeclaration } from '../../lib/stage.ts';
import type { Principal, Statement } from '../../local/iam/types.ts';
import { tokenOf } from '../conformance/client.ts';
import { startLogoutReceiver } from '../src/oauth/logout-receiver.ts';
import {
  closing,
  type EnforcedRun,
  enforcedRun,
  entryOf,
  synthesized,
  tableNameOf,
  temporaryFolder,
} from './enforced-run.ts';
import { exercised, granted } from './grants.ts';
import { newPerson, type Person } from './people.ts';
import { ageSigningKeys, withSchedules } from './signing-key-age.ts';
import { expiringSecretTour } from './tour/expiring-secrets.ts';
import { rightsRemovalTour } from './tour/rights-removal.ts';
import { signOut } from './tour/sign-in.ts';
import { stageOptionsTour } from './tour/stage-options.ts';
import { ageTenantDeletions, tenantDeleted, tenantToDelete } from './tour/tenant-deletion.ts';
import { tour } from './tour.ts';
import { weakenPassword } from './weak-password.ts';

const algorithm = 'RS256';
const atFirst: readonly SigningKeyDeclaration[] = [{ name: 'rs256-1', algorithm }];
/** The first key is compromised; the second takes its place at once, the third will follow it. */
const later: readonly SigningKeyDeclaration[] = [
  { name: 'rs256-1', algorithm, state: 'revoked' },
  { name: 'rs256-2', algorithm },
  { name: 'rs256-3', algorithm },
];

/** The third is all that is left. */
const last: readonly SigningKeyDeclaration[] = later.map((key) =>
  key.name === 'rs256-3' ? key : { ...key, state: 'revoked' },
);

const held = new Set<string>();
const used = new Set<string>();
let principals: readonly Principal[];
/** What is held and never used: where the stage names no option, and in all. */
const superfluous: Record<'plain' | 'all', readonly string[]> = { plain: [], all: [] };

async function ended(run: EnforcedRun): Promise<void> {
  for (const grant of granted(run.principals)) held.add(grant);
  for (const grant of exercised(run.endpoint.exercised())) used.add(grant);
  principals = run.principals;
  await run.close();
}

const unused = (grants: ReadonlySet<string>): string[] => [...grants].filter((grant) => !used.has(grant)).sort();

beforeAll(async () => {
  const dataDirectory = temporaryFolder();
  const receiver = closing(await startLogoutReceiver());
  const started = (keys: readonly SigningKeyDeclaration[]) =>
    withSchedules(() => enforcedRun(synthesized({ signingKeys: keys }), { dataDirectory }));
  /** Somebody signs out, and the client is told with a token that the key of the moment signs. */
  const told = async ({ outputs, due }: Awaited<ReturnType<typeof started>>, person: Person) => {
    const before = receiver.received.length;
    await signOut(outputs, await tokenOf(outputs, outputs.admin), person, receiver.url);
    due();
    await vi.waitFor(() => expect(receiver.received.length).toBeGreaterThan(before), 30_000);
  };

  const first = await started(atFirst);
  const { tenant } = first.outputs;
  const admin = await tokenOf(first.outputs, first.outputs.admin);
  const [weak, alsoWeak] = [await newPerson(first.outputs, admin), await newPerson(first.outputs, admin)];
  await tour(first.outputs);
  await expiringSecretTour(first.outputs, () => first.due());
  await rightsRemovalTour(first.outputs, () => first.due());
  await told(first, weak);
  const leaving = await tenantToDelete(first.outputs);
  await ended(first);
  const tableName = tableNameOf(first);
  await ageTenantDeletions(dataDirectory, tableName);
  for (const person of [weak, alsoWeak]) await weakenPassword(person, { dataDirectory, tableName, tenant });

  const second = await started(later);
  await told(second, weak);
  await tenantDeleted(second.outputs, () => second.due(), leaving);
  await ended(second);

  await ageSigningKeys(dataDirectory, tableName);
  const third = await started(later);
  third.due();
  const daily = third.principals.find(({ functionName }) => entryOf(functionName) === 'auth/dailysigningkeys');
  // It reads what is there, moves the third key on, and reads again what is active now.
  await vi.waitFor(
    () => expect(third.endpoint.calls.of(daily?.functionName ?? '')).toMatchObject({ 'dynamodb:Query': 2 }),
    30_000,
  );
  await told(third, weak);
  await ended(third);
  superfluous.plain = unused(held);

  const withOptions = synthesized({ signingKeys: last, dpop: true, legacyGrants: ['implicit', 'password'] });
  const fourth = await enforcedRun(withOptions, { dataDirectory });
  await stageOptionsTour(fourth.outputs, alsoWeak);
  await ended(fourth);
  superfluous.all = unused(held);
  // Two to four minutes alone; other tests may go on beside it.
}, 600_000);

test('every action on every resource, of every kind of partition, that a role is granted is exercised', () => {
  expect(held.size).toBeGreaterThan(300);
  expect(superfluous.plain).toEqual([]);
});

test('so is what a role is granted where the stage names bound tokens and legacy grants', () => {
  expect(superfluous.all).toEqual([]);
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
  const more = unused(granted(doctored));
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
