import type { SecondaryIndex, Table } from 'dynalite/db/index.js';
import { validationException } from './dynalite-error.ts';

interface ReadRequest {
  readonly IndexName?: unknown;
  readonly _projection?: unknown;
  readonly _filter?: unknown;
}

/**
 * Refuses a query or scan of a global index that asks for attributes which the index does not project; dynalite would
 * answer without them.
 */
export function assertIndexAnswers(table: Table, request: ReadRequest): void {
  const index = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === request.IndexName);
  if (index === undefined || index.Projection.ProjectionType === 'ALL') {
    return;
  }
  const projected = new Set(projectedAttributes(table, index));
  const { paths = [] } = (request._projection ?? {}) as { paths?: (readonly string[])[] };
  const { pathHeads = {} } = (request._filter ?? {}) as { pathHeads?: Record<string, boolean> };
  const absent = (names: readonly (string | undefined)[]): string =>
    [...new Set(names)].filter((name) => name !== undefined && !projected.has(name)).join(', ');
  const absentPaths = absent(paths.map(([head]) => head));
  if (absentPaths !== '') {
    throw validationException(
      `One or more parameter values were invalid: Global secondary index ${index.IndexName} does not project [${absentPaths}]`,
    );
  }
  const absentFilters = absent(Object.keys(pathHeads));
  if (absentFilters !== '') {
    throw validationException(
      'One or more parameter values were invalid: ' +
        `Global secondary index ${index.IndexName} does not project one or more filter attributes: [${absentFilters}]`,
    );
  }
}

function projectedAttributes(table: Table, index: SecondaryIndex): readonly string[] {
  return [
    ...[...table.KeySchema, ...index.KeySchema].map(({ AttributeName }) => AttributeName),
    ...(index.Projection.NonKeyAttributes ?? []),
  ];
}
