import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
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
});
