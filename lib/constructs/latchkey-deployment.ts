import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { TableAccess } from './table-access.ts';

/** What protecting an API needs to know of a deployment. */
export interface Deployment extends Omit<TableAccess, 'auditRetentionDays'> {
  /** The issuer identifier: what tokens carry as `iss`. */
  readonly issuer: string;
}

const parameters = {
  issuer: 'issuer',
  tableName: 'table-name',
  tableArn: 'table-arn',
  tableKeyArn: 'table-key-arn',
} as const satisfies Record<keyof Deployment, string>;

function parameterName(name: string, member: keyof Deployment): string {
  return `/${name}/${parameters[member]}`;
}

/** A deployment of Latchkey as another app of the same account and Region finds it. */
export class LatchkeyDeployment extends Construct implements Deployment {
  readonly issuer: string;
  readonly tableName: string;
  readonly tableArn: string;
  readonly tableKeyArn: string;

  private constructor(scope: Construct, id: string, read: (member: keyof Deployment) => string) {
    super(scope, id);
    this.issuer = read('issuer');
    this.tableName = read('tableName');
    this.tableArn = read('tableArn');
    this.tableKeyArn = read('tableKeyArn');
  }

  /**
   * Reads what the deployment's stacks wrote to SSM parameters; CloudFormation resolves them at each deployment.
   *
   * @param options `name`: the stage's name; default `Latchkey`
   */
  static fromParameters(scope: Construct, id: string, options: { readonly name?: string } = {}): LatchkeyDeployment {
    return new LatchkeyDeployment(scope, id, (member) =>
      StringParameter.valueForStringParameter(scope, parameterName(options.name ?? 'Latchkey', member)),
    );
  }
}

/** Writes the parameters with which other apps find the table. */
export function publishTable(scope: Construct, name: string, table: TableAccess): void {
  publish(scope, name, 'tableName', table.tableName);
  publish(scope, name, 'tableArn', table.tableArn);
  publish(scope, name, 'tableKeyArn', table.tableKeyArn);
}

/** Writes the parameter with which other apps find the issuer. */
export function publishIssuer(scope: Construct, name: string, issuer: string): void {
  publish(scope, name, 'issuer', issuer);
}

function publish(scope: Construct, name: string, member: keyof Deployment, value: string): void {
  new StringParameter(scope, `Parameter-${parameters[member]}`, {
    parameterName: parameterName(name, member),
    description: 'Latchkey: read by apps whose APIs it protects',
    stringValue: value,
  });
}
