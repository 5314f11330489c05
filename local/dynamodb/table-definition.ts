import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Table } from 'dynalite/db/index.js';
import createTable from 'dynalite/validations/createTable.js';
import { checked } from './request-validation.ts';
import type { Store, StoredTable } from './store.ts';
import { streamViewTypeOf } from './stream-record.ts';
import { describedStream } from './streams.ts';

/** The properties of an `AWS::DynamoDB::Table`, every intrinsic function resolved, the name included. */
export type TableProperties = Readonly<Record<string, unknown>> & { readonly TableName: string };

/** Properties that shape what requests can see. */
const shaping = [
  'TableName',
  'KeySchema',
  'AttributeDefinitions',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'BillingMode',
  'ProvisionedThroughput',
];
/** Properties that change nothing on one machine: backups, encryption at rest, protection of the cloud resource. */
const withoutEffect = [
  'ContributorInsightsSpecification',
  'DeletionProtectionEnabled',
  'OnDemandThroughput',
  'PointInTimeRecoverySpecification',
  'SSESpecification',
  'TableClass',
  'Tags',
  'WarmThroughput',
];

/**
 * Makes the table as CloudFormation's properties describe it, unless it is there already; TTL and stream follow the
 * properties.
 * An unknown property, an invalid definition, or an existing table of another shape is an error that says which.
 */
export async function ensureTable(
  store: Store,
  properties: TableProperties,
  place: { readonly accountId: string; readonly region: string; readonly now: number },
): Promise<void> {
  const { TimeToLiveSpecification, StreamSpecification, ...others } = properties;
  const unknown = Object.keys(others).filter((name) => ![...shaping, ...withoutEffect].includes(name));
  if (unknown.length > 0) {
    throw new Error(`The local DynamoDB does not know ${unknown.join(', ')} of table ${properties.TableName}.`);
  }
  const wanted: StoredTable = {
    definition: describe(others, place),
    timeToLiveAttribute: enabledAttribute(TimeToLiveSpecification),
    streamViewType: streamViewTypeOf(StreamSpecification),
  };
  const existing = store.findTable(properties.TableName);
  if (existing === undefined) {
    await store.saveTable(wanted);
    return;
  }
  assertSameShape(existing.definition, wanted.definition);
  const { timeToLiveAttribute, streamViewType } = wanted;
  if (existing.timeToLiveAttribute !== timeToLiveAttribute || existing.streamViewType !== streamViewType) {
    await store.saveTable({ ...existing, timeToLiveAttribute, streamViewType });
  }
}

/** A table as `DescribeTable` answers it. */
export function describedTable({ definition, streamViewType }: StoredTable): object {
  return { ...definition, ...describedStream(String(definition.TableArn), streamViewType) };
}

function describe(
  properties: Readonly<Record<string, unknown>>,
  { accountId, region, now }: { accountId: string; region: string; now: number },
): Table {
  const request = Object.fromEntries(
    Object.entries(structuredClone(properties)).filter(([name]) => shaping.includes(name)),
  );
  const definition = checked(request, createTable.types, createTable.custom) as unknown as Table;
  const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${definition.TableName}`;
  const { BillingMode, ...rest } = definition;
  const indexes = Object.fromEntries(
    (['GlobalSecondaryIndexes', 'LocalSecondaryIndexes'] as const).flatMap((kind) => {
      const described = definition[kind]?.map((index) => ({
        ...index,
        IndexArn: `${arn}/index/${index.IndexName}`,
        IndexSizeBytes: 0,
        ItemCount: 0,
        ...(kind === 'GlobalSecondaryIndexes' ? { IndexStatus: 'ACTIVE' } : {}),
      }));
      return described === undefined ? [] : [[kind, described]];
    }),
  );
  return {
    ...rest,
    ...indexes,
    ...(BillingMode === 'PAY_PER_REQUEST' ? { BillingModeSummary: { BillingMode } } : {}),
    TableArn: arn,
    TableId: randomUUID(),
    CreationDateTime: now / 1000,
    TableStatus: 'ACTIVE',
    TableSizeBytes: 0,
    ItemCount: 0,
  };
}

function enabledAttribute(specification: unknown): string | undefined {
  if (specification === undefined) {
    return undefined;
  }
  const { AttributeName, Enabled } = specification as { AttributeName?: string; Enabled?: boolean | string };
  return Enabled === true || Enabled === 'true' ? AttributeName : undefined;
}

/** Items and entries are stored by these, so they cannot change under a table that has some. */
function assertSameShape(existing: Table, wanted: Table): void {
  const changed = Object.entries(shape(existing)).find(
    ([name, value]) => !isDeepStrictEqual(value, shape(wanted)[name]),
  );
  if (changed !== undefined) {
    throw new Error(
      `Table ${wanted.TableName} exists with other ${changed[0]} than the template has: ` +
        'delete the data directory to begin with an empty table, or put the template back.',
    );
  }
}

function shape(table: Table): Readonly<Record<string, unknown>> {
  const index = ({ IndexName, KeySchema, Projection }: NonNullable<Table['GlobalSecondaryIndexes']>[number]) => ({
    IndexName,
    KeySchema,
    ProjectionType: Projection.ProjectionType,
    NonKeyAttributes: [...(Projection.NonKeyAttributes ?? [])].sort(),
  });
  const byName = (a: { IndexName: string }, b: { IndexName: string }) => (a.IndexName < b.IndexName ? -1 : 1);
  return {
    KeySchema: table.KeySchema,
    AttributeDefinitions: Object.fromEntries(
      table.AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
    ),
    GlobalSecondaryIndexes: (table.GlobalSecondaryIndexes ?? []).map(index).sort(byName),
    LocalSecondaryIndexes: (table.LocalSecondaryIndexes ?? []).map(index).sort(byName),
  };
}
