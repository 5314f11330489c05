import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logger } from '../../../functions/shared/logger.ts';
import { handler } from '../../../functions/workload/credential-rotation.ts';
import { latchkeyUnderTest } from './latchkey-under-test.ts';

logger.setLogLevel('SILENT');

let latchkey: Awaited<ReturnType<typeof latchkeyUnderTest>>;
let stop: () => Promise<void>;
beforeAll(async () => {
  latchkey = await latchkeyUnderTest();
  const { secrets, secretArn: SecretId, admin, tokenEndpoint } = latchkey;
  const { body } = await admin.api('POST', '/integrations', { name: 'Orders', rights: [] });
  await secrets.call('PutSecretValue', {
    SecretId,
    SecretString: JSON.stringify({ ...(body as object), tokenEndpoint }),
  });
  stop = secrets.rotator.follow(
    async (_arn, event) =>
      handler(event).then(
        () => undefined,
        (error: unknown) => String(error),
      ),
    () => undefined,
  );
  const schedule = { SecretId, RotationLambdaARN: 'arn:rotation', RotateImmediatelyOnUpdate: false };
  expect(await secrets.ensureRotation(schedule)).toBeUndefined();
});
afterAll(async () => {
  await stop();
  await latchkey.close();
});

describe('credentials put into the secret by hand', () => {
  test('are rotated by Secrets Manager, and say where their tokens are', async () => {
    const before = await latchkey.current();
    expect(await latchkey.secrets.rotator.rotate(latchkey.secretArn)).toBeUndefined();
    const after = await latchkey.current();
    expect(after).toMatchObject({ client_id: before.client_id, token_endpoint: latchkey.tokenEndpoint });
    expect(await latchkey.admin.authenticates(before)).toBe(true);
    expect(await latchkey.admin.authenticates(after)).toBe(true);
    expect(after.client_secret).not.toBe(before.client_secret);
  });

  test('stay as they are where the manager is refused, with a reason that holds no secret', async () => {
    const before = await latchkey.current();
    latchkey.state.managerStatus = 401;
    const failure = await latchkey.secrets.rotator.rotate(latchkey.secretArn);
    expect(failure).toMatch(/createSecret: .*the manager was refused a token: 401/);
    expect(failure).not.toContain('lks_');
    expect(await latchkey.current()).toEqual(before);
    latchkey.state.managerStatus = 200;
    expect(await latchkey.secrets.rotator.rotate(latchkey.secretArn)).toBeUndefined();
  });
});
