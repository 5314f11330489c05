import { type ExercisedPermission, listedValues } from '../../local/aws/enforcement.ts';
import { list } from '../../local/iam/policy.ts';
import type { Principal, Statement } from '../../local/iam/types.ts';

/** What the Lambda service itself does with a function's role: logs, and traces. */
const usedByLambdaItself = new Set([
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
]);

/**
 * One grant for each action, resource and value of a `ForAllValues` condition (a kind of partition, a member of an
 * encryption context) of every statement of every function's role; in words that do not change from run to run.
 */
export function granted(principals: readonly Principal[]): Set<string> {
  return new Set(
    principals.flatMap(({ roleArn, policies }) =>
      policies
        .flatMap((policy) => policy.Statement)
        .flatMap((statement) =>
          list(statement.Action)
            .filter((action) => !usedByLambdaItself.has(action))
            .flatMap((action) =>
              list(statement.Resource).flatMap((resource) =>
                valuesOf(listedValues(statement).map(([, value]) => value)).map((value) =>
                  words(roleArn, statement, action, resource, value),
                ),
              ),
            ),
        ),
    ),
  );
}

/** The grants that calls were let through by, in the words of {@link granted}. */
export function exercised(permissions: readonly ExercisedPermission[]): Set<string> {
  return new Set(
    permissions.flatMap(({ roleArn, statement, action, resource, values }) =>
      valuesOf(values).map((value) => words(roleArn, statement, action, resource, value)),
    ),
  );
}

function valuesOf(values: readonly string[] = []): readonly string[] {
  return values.length === 0 ? [''] : values;
}

function words(roleArn: string, statement: Statement, action: string, resource: string, value: string): string {
  const conditions = Object.entries(statement.Condition ?? {}).filter(([name]) => !name.startsWith('ForAllValues:'));
  return [roleArn.split('/').at(-1), action, resource, JSON.stringify(Object.fromEntries(conditions)), value].join(' ');
}
