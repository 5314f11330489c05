import { describe, expect, test } from 'vitest';
import { resourcesOf, synthesize, templateOf } from './synthesize.ts';

const templates = synthesize();
const data = templateOf(templates, 'Data');

describe('the data stack', () => {
  test('keeps the logical ids of what must survive: a changed one would replace table, key or secret', () => {
    const stateful = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret'];
    expect(
      Object.fromEntries(stateful.map((type) => [type, resourcesOf(data, type).map(([logicalId]) => logicalId)])),
    ).toEqual({
      'AWS::DynamoDB::Table': ['DataTableFDBAD0F2'],
      'AWS::KMS::Key': [
        'DataKey5F086070',
        'SigningKeysrs2561347631F7',
        'WebhookKeyswebhook1171C886B',
        'SecretProtectionKey50B063EF',
      ],
      'AWS::SecretsManager::Secret': ['BootstrapSecretA1EAFA10'],
    });
  });

  test('retains table, keys, secret and the account’s role for logs', () => {
    for (const type of [
      'AWS::DynamoDB::Table',
      'AWS::KMS::Key',
      'AWS::SecretsManager::Secret',
      'AWS::ApiGateway::Account',
      'AWS::IAM::Role',
    ])
      for (const [, resource] of resourcesOf(data, type))
        expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('protects and encrypts the table', () => {
    const [[, table] = []] = resourcesOf(data, 'AWS::DynamoDB::Table');
    expect(table?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: {
        SSEEnabled: true,
        SSEType: 'KMS',
        KMSMasterKeyId: { 'Fn::GetAtt': ['DataKey5F086070', 'Arn'] },
      },
      TimeToLiveSpecification: { AttributeName: 'expires_at_epoch', Enabled: true },
      GlobalSecondaryIndexes: [{ IndexName: 'by-tenant' }],
    });
  });

  test('leaves each key to the policies of the account alone, and rotates those that can be', () => {
    for (const [, { Properties }] of resourcesOf(data, 'AWS::KMS::Key')) {
      const { Statement } = Properties.KeyPolicy as { Statement: unknown[] };
      expect(Statement).toHaveLength(1);
      expect(Statement[0]).toMatchObject({ Effect: 'Allow', Action: 'kms:*', Principal: { AWS: expect.anything() } });
      expect(Properties.EnableKeyRotation === true).toBe(Properties.KeySpec === undefined);
      expect(Properties.PendingWindowInDays).toBe(30);
    }
  });

  test('makes one KMS key for each declared signing key, of its own kind', () => {
    const [, rsa, ec, ed] = resourcesOf(
      templateOf(
        synthesize({
          signingKeys: [
            { name: 'rs256-1', algorithm: 'RS256' },
            { name: 'es256-1', algorithm: 'ES256' },
            { name: 'eddsa-1', algorithm: 'EdDSA' },
          ],
        }),
        'Data',
      ),
      'AWS::KMS::Key',
    );
    expect([rsa, ec, ed].map((key) => key?.[1].Properties.KeySpec)).toEqual([
      'RSA_2048',
      'ECC_NIST_P256',
      'ECC_NIST_EDWARDS25519',
    ]);
    expect(rsa?.[0]).toBe('SigningKeysrs2561347631F7');
  });

  test('leaves the bootstrap secret without a value', () => {
    const [[, secret] = []] = resourcesOf(data, 'AWS::SecretsManager::Secret');
    expect(secret?.Properties).not.toHaveProperty('GenerateSecretString');
    expect(secret?.Properties).not.toHaveProperty('SecretString');
  });

  test('publishes what other apps protect their APIs with', () => {
    const names = resourcesOf(templates, 'AWS::SSM::Parameter').map(([, { Properties }]) => Properties.Name);
    expect(names.toSorted()).toEqual([
      '/Latchkey/admin-url',
      '/Latchkey/issuer',
      '/Latchkey/table-arn',
      '/Latchkey/table-key-arn',
      '/Latchkey/table-name',
    ]);
  });

  test('lets alarms of this account alone reach the topic', () => {
    const [[, policy] = []] = resourcesOf(data, 'AWS::SNS::TopicPolicy');
    expect(JSON.stringify(policy)).toContain(
      '"Condition":{"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}},"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"}',
    );
  });
});
