import { authorize, sessionArn } from '../iam/authorize.ts';
import { matchesText, patternParts } from '../iam/patterns.ts';
import { checkPolicy, list, type StatementMatch } from '../iam/policy.ts';
import type { PolicyDocument, Principal, Statement } from '../iam/types.ts';
import { AwsError, type Permission } from './service.ts';

/** A permission that a role used: which action and resource, as written, of which of its statements. */
export interface ExercisedPermission extends StatementMatch {
  readonly roleArn: string;
  /** Of the values that the statement's `ForAllValues` conditions list, those that requests had; none without such. */
  readonly values?: readonly string[];
}

/** What enforcement must know of the deployment's resources. */
export interface ResourcePolicies {
  keyPolicyOf(keyArn: string): PolicyDocument | undefined;
  /** The customer-managed key's ARN of a table (`SSESpecification.KMSMasterKeyId`), if it has one. */
  tableKeyOf(tableArn: string): string | undefined;
  readonly accountId: string;
}

/** A permission that the caller lacks, as AWS answers and as the terminal tells it. */
export class AccessDenied extends AwsError {
  readonly report: string;
  constructor(principal: Principal, { action, resource }: Permission, reason: string) {
    super(
      'AccessDeniedException',
      `User: ${sessionArn(principal)} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
    );
    this.report = `${principal.functionName} may not ${action} on ${resource} (${reason})`;
  }
}

/** Checks every permission of a call, and remembers which statements let calls through. */
export class Enforcement {
  readonly #resources: ResourcePolicies;
  readonly #checked = new WeakSet<PolicyDocument>();
  readonly #exercised = new Map<object, Map<string, ExercisedPermission>>();

  constructor(resources: ResourcePolicies) {
    this.#resources = resources;
  }

  /** Every permission exercised since the start by calls that were allowed as a whole. */
  exercised(): ExercisedPermission[] {
    return [...this.#exercised.values()].flatMap((entries) => [...entries.values()]);
  }

  /**
   * @throws {AccessDenied} for the first permission that the caller lacks
   * @throws {PolicyError} for a policy that AWS would not take, or that uses what is not known here
   */
  enforce(principal: Principal, permissions: readonly Permission[]): void {
    for (const policy of principal.policies) {
      if (!this.#checked.has(policy)) {
        checkPolicy(policy, 'identity');
        this.#checked.add(policy);
      }
    }
    const exercised: (readonly [Permission, StatementMatch])[] = [];
    for (const permission of [...permissions, ...this.#tableKeyPermissions(permissions)]) {
      const isKey = permission.action.startsWith('kms:');
      const keyPolicy = isKey ? this.#resources.keyPolicyOf(permission.resource) : undefined;
      const decision = authorize(principal, permission, keyPolicy);
      if (!decision.allowed) {
        throw new AccessDenied(principal, permission, decision.reason);
      }
      for (const match of [decision.identity, decision.resource]) {
        if (match !== undefined) {
          exercised.push([permission, match]);
        }
      }
    }
    for (const [permission, match] of exercised) {
      this.#remember(principal, permission, match);
    }
  }

  #remember({ roleArn }: Principal, { context }: Permission, match: StatementMatch): void {
    const entries = this.#exercised.get(match.statement) ?? new Map<string, ExercisedPermission>();
    const key = `${roleArn} ${match.action} ${match.resource}`;
    const values = new Set([...(entries.get(key)?.values ?? []), ...valuesHad(match.statement, context)]);
    entries.set(key, { ...match, roleArn, ...(values.size > 0 && { values: [...values] }) });
    this.#exercised.set(match.statement, entries);
  }

  /**
   * DynamoDB decrypts a table's key in the caller's name (DynamoDB Developer Guide, "Encryption at rest usage notes"):
   * whoever reads or writes items of a table with a customer-managed key needs `kms:Decrypt` on it.
   */
  #tableKeyPermissions(permissions: readonly Permission[]): Permission[] {
    const tables = new Set(permissions.filter(touchesItems).map(({ resource }) => tableOf(resource)));
    return [...tables].flatMap((table) => {
      const key = this.#resources.tableKeyOf(table);
      if (key === undefined) {
        return [];
      }
      const [, , , region, , name = ''] = table.split(':');
      const account = this.#resources.accountId;
      return {
        action: 'kms:Decrypt',
        resource: key,
        context: {
          'kms:ViaService': [`dynamodb.${region}.amazonaws.com`],
          'kms:CallerAccount': [account],
          'kms:EncryptionAlgorithm': ['SYMMETRIC_DEFAULT'],
          'kms:EncryptionContext:aws:dynamodb:tableName': [name.replace('table/', '')],
          'kms:EncryptionContext:aws:dynamodb:subscriberId': [account],
          'kms:EncryptionContextKeys': ['aws:dynamodb:tableName', 'aws:dynamodb:subscriberId'],
        },
      };
    });
  }
}

/** Every value that a statement's `ForAllValues` conditions list, with the condition key that it is listed for. */
export function listedValues({ Condition = {} }: Statement): readonly (readonly [key: string, value: string])[] {
  return Object.entries(Condition)
    .filter(([operator]) => operator.startsWith('ForAllValues:'))
    .flatMap(([, keys]) => Object.entries(keys))
    .flatMap(([key, values]) => list(values).map((value) => [key, value] as const));
}

function valuesHad(statement: Statement, context: Permission['context']): readonly string[] {
  return listedValues(statement)
    .filter(([key, value]) => context[key]?.some((had) => matchesText(patternParts(value), had)))
    .map(([, value]) => value);
}

const itemActions =
  /^dynamodb:(?:Batch|Transact|PartiQL|ConditionCheck|Query$|Scan$|(?:Get|Put|Update|Delete)Item$|GetRecords$)/;

const touchesItems = ({ action }: Permission): boolean => itemActions.test(action);

/** `…:table/NAME` of a table's, an index's or a stream's ARN. */
const tableOf = (arn: string): string => arn.split('/').slice(0, 2).join('/');
