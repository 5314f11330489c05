import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { table } from '../../src/adapters/dynamodb/table.ts';
import type { Stage } from '../stage.ts';
import { retainedKey } from './retained-key.ts';
import type { TableAccess } from './table-access.ts';
import type { StreamAccess } from './table-stream.ts';

/** The one table, and the key that encrypts it. */
export class DataTable extends Construct implements TableAccess, StreamAccess {
  readonly tableName: string;
  readonly tableArn: string;
  readonly tableKeyArn: string;
  readonly tableStreamArn: string;
  readonly auditRetentionDays: number;

  constructor(
    scope: Construct,
    id: string,
    { removalPolicy, auditRetentionDays }: Pick<Stage, 'removalPolicy' | 'auditRetentionDays'>,
  ) {
    super(scope, id);
    this.auditRetentionDays = auditRetentionDays;
    const key = retainedKey(this, 'Key', {
      description: "Latchkey: encrypts the table's data",
      enableKeyRotation: true,
      removalPolicy,
    });
    // TableV2 cannot render a customer key without a fixed Region.
    const made = new Table(this, 'Table', {
      partitionKey: { name: table.partitionKey, type: AttributeType.STRING },
      sortKey: { name: table.sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      timeToLiveAttribute: table.timeToLive,
      stream: StreamViewType.NEW_IMAGE,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy === 'retain',
      removalPolicy: removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    made.addGlobalSecondaryIndex({
      indexName: table.index.name,
      partitionKey: { name: table.index.partitionKey, type: AttributeType.STRING },
      sortKey: { name: table.index.sortKey, type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
    this.tableName = made.tableName;
    this.tableArn = made.tableArn;
    this.tableKeyArn = key.keyArn;
    this.tableStreamArn = streamArnOf(made);
  }
}

function streamArnOf({ tableStreamArn }: Table): string {
  if (tableStreamArn === undefined) throw new Error('the table was made without its stream');
  return tableStreamArn;
}
