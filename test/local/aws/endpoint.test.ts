import { DescribeTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetPublicKeyCommand, KMSClient, ListKeysCommand, SignCommand } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inventCredentials } from '../../../local/lambda/credentials.ts';
import { accountId, allow, type RunningEndpoint, region, startEndpoint, tableArn } from './running-endpoint.ts';

let running: RunningEndpoint;
let keyArn: string;

beforeEach(async () => {
  running = await startEndpoint();
  keyArn = (await running.kms.ensureKey('Signing', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })).arn;
});
afterEach(() => running.endpoint.close());

const getPublicKey = (options = {}) =>
  new KMSClient({ ...running.clientOptions, ...options }).send(new GetPublicKeyCommand({ KeyId: keyArn }));
const getItem = (options = {}) =>
  new DynamoDBClient({ ...running.clientOptions, ...options }).send(
    new GetItemCommand({ TableName: 'data', Key: { pk: { S: 'x' }, sk: { S: 'y' } } }),
  );

describe('the endpoint', () => {
  it('runs a call that the role allows', async () => {
    running.statements = [allow('kms:GetPublicKey', keyArn)];
    expect(await getPublicKey()).toMatchObject({ KeyId: keyArn, KeySpec: 'ECC_NIST_P256' });
    expect(running.reports).toEqual([]);
  });

  it('refuses one that the role does not allow as AWS would, and names function, action and resource', async () => {
    running.statements = [allow('kms:Sign', keyArn)];
    await expect(getPublicKey()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::${accountId}:assumed-role/token-role/token is not authorized to perform: kms:GetPublicKey on resource: ${keyArn} because no identity-based policy allows the kms:GetPublicKey action`,
      $metadata: { httpStatusCode: 400 },
    });
    expect(running.reports).toHaveLength(1);
    expect(running.reports[0]).toContain(`token may not kms:GetPublicKey on ${keyArn}`);
  });

  it('refuses a key whose policy lets nobody in', async () => {
    const Principal = { AWS: `arn:aws:iam::${accountId}:role/another` };
    const KeyPolicy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }],
    };
    await running.kms.ensureKey('Signing', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', KeyPolicy });
    running.statements = [allow('kms:GetPublicKey', keyArn)];
    await expect(getPublicKey()).rejects.toThrow('because no resource-based policy allows the kms:GetPublicKey action');
  });

  it('holds a grant of kms:Sign to its signing algorithm', async () => {
    running.statements = [allow('kms:Sign', keyArn, { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' } })];
    const sign = (SigningAlgorithm: 'ECDSA_SHA_256' | 'ECDSA_SHA_384') =>
      new KMSClient(running.clientOptions).send(
        new SignCommand({ KeyId: keyArn, Message: new Uint8Array(32), MessageType: 'DIGEST', SigningAlgorithm }),
      );
    expect((await sign('ECDSA_SHA_256')).Signature).toBeInstanceOf(Uint8Array);
    await expect(sign('ECDSA_SHA_384')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('needs kms:Decrypt on the key of the table for items, and only for them', async () => {
    running.tableKey = (await running.kms.ensureKey('Table', {})).arn;
    running.statements = [allow('dynamodb:GetItem', tableArn), allow('dynamodb:DescribeTable', tableArn)];
    await new DynamoDBClient(running.clientOptions).send(new DescribeTableCommand({ TableName: 'data' }));
    await expect(getItem()).rejects.toThrow(
      `is not authorized to perform: kms:Decrypt on resource: ${running.tableKey}`,
    );

    const viaDynamoDB = { StringEquals: { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` } };
    running.statements.push(allow('kms:Decrypt', running.tableKey, viaDynamoDB));
    await getItem();
  });

  it('knows which statements were exercised, of allowed calls only', async () => {
    running.statements = [allow('kms:*', keyArn), allow('kms:GetPublicKey', keyArn), allow('dynamodb:Query', tableArn)];
    await getPublicKey();
    await expect(getItem()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(running.endpoint.exercised().filter(({ statement }) => statement.Principal === undefined)).toEqual([
      {
        roleArn: `arn:aws:iam::${accountId}:role/token-role`,
        statement: running.statements[0],
        action: 'kms:*',
        resource: keyArn,
      },
    ]);
  });

  it.each([
    ['another secret', () => ({ secretAccessKey: inventCredentials().secretAccessKey }), 'InvalidSignatureException'],
    ['another session', () => ({ sessionToken: inventCredentials().sessionToken }), 'UnrecognizedClientException'],
    ['an unknown access key', () => inventCredentials(), 'UnrecognizedClientException'],
  ])('refuses a caller with %s', async (_with, change, name) => {
    running.statements = [allow('kms:GetPublicKey', keyArn)];
    const credentials = { ...running.credentials, ...change() };
    await expect(getPublicKey({ credentials })).rejects.toMatchObject({ name });
    await getPublicKey();
  });

  it('refuses a request changed after it was signed', async () => {
    running.statements = [allow('kms:GetPublicKey', keyArn)];
    const client = new KMSClient(running.clientOptions);
    client.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: unknown; headers: Record<string, string> };
        const body = JSON.stringify({ KeyId: keyArn, DryRun: false });
        request.body = body;
        request.headers['content-length'] = String(body.length);
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await expect(client.send(new GetPublicKeyCommand({ KeyId: keyArn }))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
  });

  it('refuses a request signed for another Region', async () => {
    running.statements = [allow('kms:GetPublicKey', keyArn)];
    await expect(getPublicKey({ region: 'us-east-1' })).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  it('lets nothing through on a policy that it cannot judge, and names why', async () => {
    running.statements = [allow('kms:GetPublicKey', keyArn), allow('kms:Sign', '*', { StringSimilar: { a: 'b' } })];
    await expect(getPublicKey()).rejects.toMatchObject({ name: 'InternalServerError' });
    expect(running.reports).toEqual([expect.stringContaining('StringSimilar')]);
  });

  it('names an operation that it does not know', async () => {
    running.statements = [allow('kms:*', '*')];
    await expect(new KMSClient(running.clientOptions).send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    expect(running.reports).toEqual([expect.stringContaining('ListKeys of KMS')]);
  });

  it('refuses a body over 16 MB, before reading it', async () => {
    const body = Buffer.alloc(16 * 1024 * 1024 + 1, ' ');
    const response = await fetch(running.endpoint.url, { method: 'POST', body });
    expect(response.status).toBe(413);
  });

  it('refuses a request without a signature', async () => {
    const response = await fetch(running.endpoint.url, { method: 'POST', body: '{}' });
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });
});

describe('the counts', () => {
  it('are kept by function and operation, until they are reset', async () => {
    running.statements = [allow('*', '*')];
    await getPublicKey();
    await getItem();
    await getItem();
    expect(running.endpoint.calls.of('token')).toEqual({ 'kms:GetPublicKey': 1, 'dynamodb:GetItem': 2 });
    expect(running.endpoint.calls.of('jwks')).toEqual({});
    expect(running.endpoint.calls.of()).toEqual({ 'kms:GetPublicKey': 1, 'dynamodb:GetItem': 2 });
    running.endpoint.calls.reset();
    expect(running.endpoint.calls.of()).toEqual({});
  });
});

describe('a fault', () => {
  beforeEach(() => {
    running.statements = [allow('*', '*')];
  });

  it('strikes the calls it names, as often as it says, and no others', async () => {
    const answer = { code: 'ThrottlingException', status: 400 };
    running.endpoint.faults.add({ service: 'dynamodb', operation: 'GetItem', after: 1, times: 1, answer });
    await getPublicKey();
    await getItem();
    await expect(getItem()).rejects.toMatchObject({ name: 'ThrottlingException' });
    await getItem();
  });

  it('loses the answer of a call that was done', async () => {
    running.endpoint.faults.add({ service: 'dynamodb', answer: 'drop-after-call' });
    await expect(getItem()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await getItem();
  });

  it('delays a call', async () => {
    running.endpoint.faults.add({ delayMilliseconds: 150 });
    const start = Date.now();
    await getItem();
    expect(Date.now() - start).toBeGreaterThanOrEqual(145);
  });
});
