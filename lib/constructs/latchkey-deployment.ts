import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { TableAccess } from './table-access.ts';

/** What protecting an API needs to know of a deployment. */
export interface Deployment extends Omit<TableAccess, 'auditRetentionDays'> {
  /** The issuer identifier: what tokens carry as `iss`. */
  readonly issuer: string;
}

/** What looking after integrations needs to know of a deployment. */
export interface Administration {
  /** The issuer identifier; the token endpoint is below it. */
  readonly issuer: string;
  /** Base URL of the admin API. */
  readonly adminUrl: string;
}

const parameters = {
  issuer: 'issuer',
  adminUrl: 'admin-url',
  tableName: 'table-name',
  tableArn: 'table-arn',
  tableKeyArn: 'table-key-arn',
} as const satisfies Record<keyof Deployment | 'adminUrl', string>;

type Member = keyof typeof parameters;

function parameterName(name: string, member: Member): string {
  return `/${name}/${parameters[member]}`;
}

/** A deployment of Latchkey as another app of the same account and Region finds it. */
export class LatchkeyDeployment extends Construct implements Deployment, Administration {
  readonly #read: (member: Member) => string;

  private constructor(scope: Construct, id: string, read: (member: Member) => string) {
    super(scope, id);
    this.#read = read;
  }

  // Each is read where it is used alone: a template that does not name one needs no such parameter.
  get issuer(): string {
    return this.#read('issuer');
  }

  get adminUrl(): string {
    return this.#read('adminUrl');
  }

  get tableName(): string {
    return this.#read('tableName');
  }

  get tableArn(): string {
    return this.#read('tableArn');
  }

  get tableKeyArn(): string {
    return this.#read('tableKeyArn');
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

/** Writes the parameter with which other apps find the admin API. */
export function publishAdminUrl(scope: Construct, name: string, adminUrl: string): void {
  publish(scope, name, 'adminUrl', adminUrl);
}

function publish(scope: Construct, name: string, member: Member, value: string): void {
  new StringParameter(scope, `Parameter-${parameters[member]}`, {
    parameterName: parameterName(name, member),
    description: 'Latchkey: read by apps that use the deployment',
    stringValue: value,
  });
}
