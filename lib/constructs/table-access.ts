import { Aws } from 'aws-cdk-lib';
import { leadingKeyPattern, partitionPrefix, table } from '../../src/adapters/dynamodb/table.ts';
import type { PartitionKind, TableAction, Touches } from '../../src/entities/partition.ts';
import { environment } from '../../src/environment.ts';
import type { EndpointFunction } from './endpoint-function.ts';

/** The deployment's table as a function's role names it, whether it is of this app or of another. */
export interface TableAccess {
  readonly tableName: string;
  readonly tableArn: string;
  /** ARN of the customer-managed key that the table is encrypted with. */
  readonly tableKeyArn: string;
  /** How long audit events are kept, in days; absent where the table is of another app, which writes them itself. */
  readonly auditRetentionDays?: number;
}

/**
 * Lets a function do to the table exactly what `touches` says, kind of partition by kind of partition, and tells it the
 * table's name. This bounds a function, not a tenant: kinds have patterns, tenants do not.
 *
 * A function that touches nothing is granted nothing.
 */
export function grantTouches(access: TableAccess, fn: EndpointFunction, touches: Touches): void {
  const statements = statementsOf(touches);
  if (statements.length === 0) return;
  for (const { actions, kinds, index } of statements) {
    fn.allow({
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [index ? `${access.tableArn}/index/${table.index.name}` : access.tableArn],
      conditions: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': kinds.map(leadingKeyPattern) },
        // ForAllValues holds for a request that names no key at all.
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    });
  }
  fn.allow({
    // DynamoDB decrypts the table's key on behalf of whoever calls it.
    actions: ['kms:Decrypt'],
    resources: [access.tableKeyArn],
    conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Aws.REGION}.amazonaws.com` } },
  });
  fn.set(environment.tableName, access.tableName);
  if (touches['audit-event']?.includes('PutItem')) {
    if (access.auditRetentionDays === undefined)
      throw new Error('who writes audit events must know how long they are kept');
    fn.set(environment.auditRetentionDays, String(access.auditRetentionDays));
  }
}

const partitionKinds = Object.keys(partitionPrefix) as readonly PartitionKind[];

interface TableStatement {
  readonly actions: readonly TableAction[];
  readonly kinds: readonly PartitionKind[];
  readonly index: boolean;
}

function statementsOf(touches: Touches): TableStatement[] {
  const kinds = partitionKinds.filter((kind) => (touches[kind]?.length ?? 0) > 0);
  const having = (action: TableAction | 'QueryIndex') => kinds.filter((kind) => touches[kind]?.includes(action));
  // Kinds under which the same actions are done share a statement.
  const byActions = new Map<string, { actions: TableAction[]; kinds: PartitionKind[] }>();
  for (const kind of kinds) {
    const actions = (touches[kind] ?? []).filter((action) => action !== 'QueryIndex' && action !== 'BatchGetItem');
    const key = [...new Set(actions)].sort().join();
    const statement = byActions.get(key) ?? { actions: [...new Set(actions)].sort() as TableAction[], kinds: [] };
    statement.kinds.push(kind);
    byActions.set(key, statement);
  }
  return [
    ...[...byActions.values()].map((statement) => ({ ...statement, index: false })),
    // One BatchGetItem names keys of several kinds, and one statement must allow all of them.
    { actions: ['BatchGetItem'], kinds: having('BatchGetItem'), index: false } as const,
    { actions: ['Query'], kinds: having('QueryIndex'), index: true } as const,
  ].filter((statement) => statement.actions.length > 0 && statement.kinds.length > 0);
}

/** What several rows that one function serves do to the table together. */
export function unionOf(all: readonly Touches[]): Touches {
  return Object.fromEntries(
    partitionKinds
      .map((kind) => [kind, [...new Set(all.flatMap((touches) => touches[kind] ?? []))]] as const)
      .filter(([, actions]) => actions.length > 0),
  );
}
