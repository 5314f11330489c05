import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RotationEvent } from '../../../local/secrets-manager/rotation.ts';
import { SecretsManager } from '../../../local/secrets-manager/secrets-manager.ts';

const place = { region: 'eu-central-1', accountId: '123456789012' };
const RotationLambdaARN = 'arn:aws:lambda:eu-central-1:123456789012:function:rotates';

let secrets: SecretsManager;
let SecretId: string;
let steps: RotationEvent[];
/** What the rotation function does at each step; what it answers is why it failed. */
let onStep: (event: RotationEvent) => Promise<string | undefined>;
let stop: () => Promise<void>;

beforeEach(async () => {
  secrets = await SecretsManager.open({ directory: undefined, ...place });
  SecretId = await secrets.ensureSecret('credentials', {});
  steps = [];
  onStep = rotate;
  stop = secrets.rotator.follow(
    (functionArn, event) => {
      expect(functionArn).toBe(RotationLambdaARN);
      steps.push(event);
      return onStep(event);
    },
    () => undefined,
  );
});
afterEach(async () => {
  await stop();
  vi.useRealTimers();
});

const call = async (operation: string, input: object = {}) =>
  (await secrets.call(operation, { SecretId, ...input })) as Record<string, string>;
const stages = async () => (await call('DescribeSecret')).VersionIdsToStages as unknown as Record<string, string[]>;
const current = async (stage = 'AWSCURRENT') => (await call('GetSecretValue', { VersionStage: stage })).SecretString;
const names = () => steps.map(({ Step }) => Step);
const schedule = (more: object = {}) =>
  secrets.ensureRotation({
    SecretId,
    RotationLambdaARN,
    RotationRules: { ScheduleExpression: 'rate(30 days)' },
    RotateImmediatelyOnUpdate: false,
    ...more,
  });

/** A rotation function as AWS's templates have it. */
async function rotate({ Step, ClientRequestToken }: RotationEvent): Promise<string | undefined> {
  if (Step === 'createSecret') {
    const SecretString = `made by ${ClientRequestToken}`;
    await call('PutSecretValue', { ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] });
  }
  if (Step === 'finishSecret') {
    const RemoveFromVersionId = (await call('GetSecretValue')).VersionId;
    await call('UpdateSecretVersionStage', {
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: ClientRequestToken,
      RemoveFromVersionId,
    });
  }
  return undefined;
}

describe('a schedule', () => {
  it('that does not rotate at once tries its function with testSecret, and leaves no version behind', async () => {
    await call('PutSecretValue', { SecretString: 'first' });
    expect(await schedule()).toBeUndefined();
    expect(steps).toEqual([{ Step: 'testSecret', SecretId, ClientRequestToken: expect.any(String) }]);
    expect(Object.values(await stages())).toEqual([['AWSCURRENT']]);
  });

  it('that says nothing of it rotates at once, and not again when it is deployed again', async () => {
    await call('PutSecretValue', { SecretString: 'first' });
    await schedule({ RotateImmediatelyOnUpdate: undefined });
    expect(names()).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
    await schedule({ RotateImmediatelyOnUpdate: undefined });
    expect(steps).toHaveLength(4);
  });

  it('rotates when its time has come', async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date', 'setInterval', 'clearInterval'] });
    await stop();
    stop = secrets.rotator.follow(
      async (_, event) => {
        steps.push(event);
        return onStep(event);
      },
      () => undefined,
    );
    await call('PutSecretValue', { SecretString: 'first' });
    await schedule();
    vi.advanceTimersByTime(29 * 86_400_000);
    expect(names()).toEqual(['testSecret']);
    vi.advanceTimersByTime(86_400_000 + 60_000);
    await vi.waitFor(async () => expect(await current('AWSPREVIOUS')).toBe('first'));
    const described = await call('DescribeSecret');
    expect(described).toMatchObject({ RotationEnabled: true, RotationLambdaARN, LastRotatedDate: expect.any(Number) });
  });

  it.each([
    [{ ScheduleExpression: 'cron(0 8 * * ? *)' }],
    [{ ScheduleExpression: 'rate(1 hour)' }],
    [{ AutomaticallyAfterDays: 1, Duration: '3h' }],
  ])('%j is refused', async (RotationRules) => {
    await expect(schedule({ RotationRules })).rejects.toThrow();
  });
});

describe('a rotation', () => {
  beforeEach(async () => {
    await call('PutSecretValue', { SecretString: 'first' });
    await schedule();
    steps.splice(0);
  });

  it('makes a version, and what was current is the previous one', async () => {
    expect(await secrets.rotator.rotate(SecretId)).toBeUndefined();
    expect(new Set(steps.map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(1);
    expect(await current()).toBe(`made by ${steps[0]?.ClientRequestToken}`);
    expect(await current('AWSPREVIOUS')).toBe('first');
  });

  it('finds its version staged AWSPENDING, without a value', async () => {
    onStep = async (event) => {
      expect((await stages())[event.ClientRequestToken]).toEqual(['AWSPENDING']);
      await expect(call('GetSecretValue', { VersionId: event.ClientRequestToken })).rejects.toMatchObject({
        code: 'ResourceNotFoundException',
      });
      return 'seen';
    };
    expect(await secrets.rotator.rotate(SecretId)).toBe('rotation, createSecret: seen');
  });

  it.each(['createSecret', 'setSecret', 'testSecret', 'finishSecret'])(
    'that fails at %s leaves the current version, and is gone on with in the name of the same version',
    async (failing) => {
      onStep = async (event) => (event.Step === failing ? 'not now' : rotate(event));
      expect(await secrets.rotator.rotate(SecretId)).toContain(failing);
      expect(await current()).toBe('first');
      await expect(call('RotateSecret', { ClientRequestToken: randomUUID() })).rejects.toMatchObject({
        code: 'InvalidRequestException',
      });
      onStep = rotate;
      expect(await secrets.rotator.rotate(SecretId)).toBeUndefined();
      expect(new Set(steps.map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(1);
      expect(await current()).toBe(`made by ${steps[0]?.ClientRequestToken}`);
    },
  );

  it('begins with RotateSecret, which answers at once', async () => {
    const ClientRequestToken = randomUUID();
    expect(await call('RotateSecret', { ClientRequestToken })).toMatchObject({ VersionId: ClientRequestToken });
    await vi.waitFor(async () => expect(await current()).toBe(`made by ${ClientRequestToken}`));
  });

  it('of a secret that nothing rotates is refused', async () => {
    const other = await secrets.ensureSecret('other', { SecretString: 'x' });
    await expect(call('RotateSecret', { SecretId: other })).rejects.toMatchObject({ code: 'InvalidRequestException' });
  });
});

describe('a staging label', () => {
  it('is moved from the version that is named, and from no other', async () => {
    await call('PutSecretValue', { SecretString: 'first' });
    const [one] = Object.keys(await stages());
    const two = randomUUID();
    await call('PutSecretValue', { SecretString: 'second', VersionStages: ['mine'], ClientRequestToken: two });
    const move = (input: object) => call('UpdateSecretVersionStage', { VersionStage: 'AWSCURRENT', ...input });
    await expect(move({ MoveToVersionId: two })).rejects.toMatchObject({ code: 'InvalidParameterException' });
    await expect(move({ MoveToVersionId: randomUUID(), RemoveFromVersionId: one })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    await move({ MoveToVersionId: two, RemoveFromVersionId: one });
    expect(await stages()).toEqual({ [one ?? '']: ['AWSPREVIOUS'], [two]: ['mine', 'AWSCURRENT'] });
  });
});
