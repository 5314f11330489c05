import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretsManager } from '../../../local/secrets-manager/secrets-manager.ts';
import { allow, type RunningEndpoint, region, startEndpoint } from '../aws/running-endpoint.ts';

const place = { region: 'eu-central-1', accountId: '123456789012' };

let secrets: SecretsManager;
let SecretId: string;
beforeEach(async () => {
  secrets = await SecretsManager.open({ directory: undefined, ...place });
  SecretId = await secrets.ensureSecret('latchkey/administrator', {});
});

const call = async (operation: string, input: object) =>
  (await secrets.call(operation, input)) as Record<string, string>;
const put = (SecretString: string, more: object = {}) => call('PutSecretValue', { SecretId, SecretString, ...more });
const get = (more: object = {}) => call('GetSecretValue', { SecretId, ...more });

describe('a secret', () => {
  it('has an ARN that ends in six characters of its own, and is found by it, without them, and by name', async () => {
    expect(SecretId).toMatch(
      /^arn:aws:secretsmanager:eu-central-1:123456789012:secret:latchkey\/administrator-[A-Za-z0-9]{6}$/,
    );
    await put('v1');
    for (const id of [SecretId, SecretId.slice(0, -7), 'latchkey/administrator']) {
      expect(await get({ SecretId: id })).toMatchObject({ ARN: SecretId, SecretString: 'v1' });
    }
  });

  it('without a value, or that does not exist, is not found', async () => {
    await expect(get()).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: expect.stringContaining('AWSCURRENT'),
    });
    await expect(get({ SecretId: 'other' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    expect(await call('DescribeSecret', { SecretId })).toMatchObject({ ARN: SecretId, VersionIdsToStages: {} });
  });

  it('keeps its current and its previous version', async () => {
    const ids = [];
    for (const value of ['v1', 'v2', 'v3']) {
      ids.push((await put(value)).VersionId);
    }
    expect(await get()).toMatchObject({ SecretString: 'v3', VersionId: ids[2], VersionStages: ['AWSCURRENT'] });
    expect(await get({ VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'v2', VersionId: ids[1] });
    expect(await get({ VersionId: ids[1] })).toMatchObject({ SecretString: 'v2' });
    await expect(get({ VersionId: ids[0] })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await expect(get({ VersionId: ids[1], VersionStage: 'AWSCURRENT' })).rejects.toMatchObject({
      code: 'InvalidRequestException',
    });
  });

  it('takes a request token once: again with the same value changes nothing, with another is refused', async () => {
    const ClientRequestToken = randomUUID();
    const first = await put('v1', { ClientRequestToken });
    expect(first.VersionId).toBe(ClientRequestToken);
    await put('v2');
    expect(await put('v1', { ClientRequestToken })).toMatchObject({ VersionId: ClientRequestToken });
    expect(await get()).toMatchObject({ SecretString: 'v2' });
    await expect(put('v3', { ClientRequestToken })).rejects.toMatchObject({ code: 'ResourceExistsException' });
    expect(await get()).toMatchObject({ SecretString: 'v2' });
  });

  it('may stage a version that is not current yet', async () => {
    await put('v1');
    await put('v2', { VersionStages: ['AWSPENDING'] });
    expect(await get()).toMatchObject({ SecretString: 'v1' });
    expect(await get({ VersionStage: 'AWSPENDING' })).toMatchObject({ SecretString: 'v2' });
  });

  it('loses no version to writes at once', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, index) => put(`v${index}`)));
    expect(await get()).toMatchObject({ SecretString: 'v9' });
    expect(await get({ VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'v8' });
  });

  it.each([
    [{ SecretString: undefined }],
    [{ SecretBinary: 'eA==' }],
    [{ SecretString: 'x'.repeat(65_537) }],
    [{ ClientRequestToken: 'short' }],
    [{ VersionStages: [] }],
  ])('refuses to be put as %j', async (change) => {
    await expect(put('v1', change)).rejects.toMatchObject({ code: 'InvalidParameterException' });
    await put('v1');
  });

  it('is made with a generated value where the template says so, once', async () => {
    const GenerateSecretString = {
      SecretStringTemplate: '{"username":"admin"}',
      GenerateStringKey: 'password',
      ExcludePunctuation: true,
    };
    await secrets.ensureSecret('generated', { GenerateSecretString });
    const { SecretString = '' } = await get({ SecretId: 'generated' });
    expect(JSON.parse(SecretString)).toEqual({
      username: 'admin',
      password: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
    });
    await secrets.ensureSecret('generated', { GenerateSecretString });
    expect(await get({ SecretId: 'generated' })).toMatchObject({ SecretString });
  });

  it.each([
    [{ ReplicaRegions: [] }, 'ReplicaRegions'],
    [{ GenerateSecretString: { RequireEachIncludedType: true } }, 'RequireEachIncludedType'],
    [{ KmsKeyId: 'alias/x' }, 'alias/x'],
  ])('declared as %j is an error that names what is not known', async (properties, message) => {
    await expect(secrets.ensureSecret('other', properties)).rejects.toThrow(message);
  });
});

describe('a secret that a function makes', () => {
  const create = (change: object = {}) => call('CreateSecret', { Name: 'made/one', SecretString: 'v1', ...change });
  const remove = (SecretId: string, change: object = {}) =>
    call('DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true, ...change });

  it('has its first value, and takes another', async () => {
    const { ARN, VersionId } = await create({ Description: 'made' });
    expect(await get({ SecretId: 'made/one' })).toMatchObject({ ARN, VersionId, SecretString: 'v1' });
    expect(await call('DescribeSecret', { SecretId: ARN })).toMatchObject({ Description: 'made' });
    await put('v2', { SecretId: ARN });
    expect(await get({ SecretId: ARN })).toMatchObject({ SecretString: 'v2' });
  });

  it('is made once, and the same request again changes nothing', async () => {
    const ClientRequestToken = randomUUID();
    const first = await create({ ClientRequestToken });
    expect(await create({ ClientRequestToken })).toEqual(first);
    await expect(create({ ClientRequestToken, SecretString: 'v2' })).rejects.toMatchObject({
      code: 'ResourceExistsException',
    });
    await expect(create()).rejects.toMatchObject({ code: 'ResourceExistsException' });
    await expect(create({ Name: 'latchkey/administrator' })).rejects.toMatchObject({ code: 'ResourceExistsException' });
  });

  it.each([[{ Name: 'with space' }], [{ Name: '' }]])('is not made as %j', async (change) => {
    await expect(create(change)).rejects.toMatchObject({ code: 'ValidationException' });
    await create();
  });

  it('is gone once it is deleted; again is no error', async () => {
    const { ARN = '' } = await create();
    expect(await remove('made/one')).toMatchObject({ ARN, Name: 'made/one', DeletionDate: expect.any(Number) });
    await expect(get({ SecretId: ARN })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    expect(await remove('made/one')).toMatchObject({ Name: 'made/one' });
    expect((await create()).ARN).not.toBe(ARN);
  });

  it('is not deleted with days of grace, which the local run does not know', async () => {
    await create();
    const refused = { code: 'UnsupportedOperationException' };
    await expect(remove('made/one', { ForceDeleteWithoutRecovery: false })).rejects.toMatchObject(refused);
    await expect(remove('made/one', { RecoveryWindowInDays: 7 })).rejects.toMatchObject(refused);
    expect(await get({ SecretId: 'made/one' })).toMatchObject({ SecretString: 'v1' });
  });
});

describe('secrets on disk', () => {
  it('are the same after a restart, readable by their owner only', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'latchkey-secrets-'));
    secrets = await SecretsManager.open({ directory, ...place });
    SecretId = await secrets.ensureSecret('a/b', {});
    await put('v1');
    secrets = await SecretsManager.open({ directory, ...place });
    expect(await secrets.ensureSecret('a/b', {})).toBe(SecretId);
    expect(await get()).toMatchObject({ SecretString: 'v1' });
    const [file = ''] = await readdir(directory);
    expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
    await rm(directory, { recursive: true });
  });

  it('stay away once they are deleted', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'latchkey-secrets-'));
    secrets = await SecretsManager.open({ directory, ...place });
    await call('CreateSecret', { Name: 'a/b', SecretString: 'v1' });
    await call('DeleteSecret', { SecretId: 'a/b', ForceDeleteWithoutRecovery: true });
    secrets = await SecretsManager.open({ directory, ...place });
    await expect(get({ SecretId: 'a/b' })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await rm(directory, { recursive: true });
  });
});

describe('a secret with a key of its own', () => {
  let running: RunningEndpoint;
  let keyArn: string;
  let client: SecretsManagerClient;
  const via = { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } };
  beforeEach(async () => {
    running = await startEndpoint();
    keyArn = (await running.kms.ensureKey('Secrets', {})).arn;
    SecretId = await running.secrets.ensureSecret('secret', { KmsKeyId: keyArn });
    client = new SecretsManagerClient(running.clientOptions);
  });
  afterEach(() => running.endpoint.close());

  it('needs a data key to be written, and decryption to be read', async () => {
    running.statements = [
      allow('secretsmanager:PutSecretValue', SecretId),
      allow('secretsmanager:GetSecretValue', SecretId),
    ];
    const write = () => client.send(new PutSecretValueCommand({ SecretId, SecretString: 'v1' }));
    const read = () => client.send(new GetSecretValueCommand({ SecretId }));
    await expect(write()).rejects.toThrow(`perform: kms:GenerateDataKey on resource: ${keyArn}`);
    running.statements.push(allow('kms:GenerateDataKey', keyArn, via));
    await write();
    await expect(read()).rejects.toThrow(`perform: kms:Decrypt on resource: ${keyArn}`);
    running.statements.push(allow('kms:Decrypt', keyArn, via));
    expect(await read()).toMatchObject({ SecretString: 'v1', CreatedDate: expect.any(Date) });
  });

  it('is made and deleted by those who may below its prefix, and use the key', async () => {
    const below = `${SecretId.slice(0, SecretId.lastIndexOf(':'))}:made/*`;
    const create = (Name: string) =>
      client.send(new CreateSecretCommand({ Name, SecretString: 'v1', KmsKeyId: keyArn }));
    const remove = (Name: string) =>
      client.send(new DeleteSecretCommand({ SecretId: Name, ForceDeleteWithoutRecovery: true }));
    running.statements = [allow('secretsmanager:CreateSecret', below), allow('secretsmanager:DeleteSecret', below)];
    await expect(create('made/one')).rejects.toThrow(`perform: kms:GenerateDataKey on resource: ${keyArn}`);
    running.statements.push(allow('kms:GenerateDataKey', keyArn, via));
    await expect(create('made/one')).rejects.toThrow(`perform: kms:Decrypt on resource: ${keyArn}`);
    running.statements.push(allow('kms:Decrypt', keyArn, via));
    await create('made/one');
    await expect(create('other/one')).rejects.toThrow('perform: secretsmanager:CreateSecret on resource: ');
    await expect(remove('secret')).rejects.toThrow('perform: secretsmanager:DeleteSecret on resource: ');
    await remove('made/one');
  });
});
