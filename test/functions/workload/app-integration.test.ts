import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { logger } from '../../../functions/shared/logger.ts';
import { handler } from '../../../functions/workload/app-integration.ts';
import { latchkeyUnderTest } from './latchkey-under-test.ts';

logger.setLogLevel('SILENT');

const integration = {
  name: 'Orders',
  rights: ['issues:read'],
  grant_types: ['client_credentials'],
  redirect_uris: [],
};

let latchkey: Awaited<ReturnType<typeof latchkeyUnderTest>>;
beforeAll(async () => {
  latchkey = await latchkeyUnderTest();
});
afterAll(() => latchkey.close());
beforeEach(() => {
  latchkey.answers.splice(0);
  latchkey.state.managerStatus = 200;
});

/** Sends an event as CloudFormation does, and gives what it was answered. */
async function send(RequestType: 'Create' | 'Update' | 'Delete', PhysicalResourceId?: string, declared: object = {}) {
  const event = {
    RequestType,
    PhysicalResourceId,
    ServiceToken: 'arn:keeper',
    ResponseURL: latchkey.answerUrl,
    StackId: 'arn:stack',
    RequestId: 'request-1',
    LogicalResourceId: 'Integration',
    ResourceType: 'Custom::LatchkeyAppIntegration',
    ResourceProperties: { ServiceToken: 'arn:keeper', Integration: { ...integration, ...declared } },
  };
  await handler(event as never);
  return latchkey.answers.at(-1) as { Status: string; PhysicalResourceId: string; Data?: object; Reason?: string };
}

const existing = () => [...latchkey.admin.integrations.keys()];

describe('the integration of a stack', () => {
  let id: string;

  test('is created, and CloudFormation told its client id and no secret', async () => {
    const answer = await send('Create');
    id = answer.PhysicalResourceId;
    expect(existing()).toEqual([id]);
    expect(answer).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: id,
      StackId: 'arn:stack',
      RequestId: 'request-1',
      LogicalResourceId: 'Integration',
      Data: { ClientId: id },
    });
    expect(await latchkey.admin.authenticates(await latchkey.current())).toBe(true);
  });

  test('is the same one when the event comes again', async () => {
    expect((await send('Create')).PhysicalResourceId).toBe(id);
    expect(existing()).toEqual([id]);
  });

  test('is changed under its client id, and back when the deployment is rolled back', async () => {
    expect((await send('Update', id, { rights: ['issues:write'] })).PhysicalResourceId).toBe(id);
    expect(latchkey.admin.integrations.get(id)?.rights).toEqual(['issues:write']);
    expect((await send('Update', id)).PhysicalResourceId).toBe(id);
    expect(latchkey.admin.integrations.get(id)?.rights).toEqual(['issues:read']);
  });

  test('that cannot be changed keeps its id, with the reason and no secret', async () => {
    latchkey.state.managerStatus = 503;
    const answer = await send('Update', id);
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: id });
    expect(answer.Reason).toBe('the manager was refused a token: 503 ');
    expect(existing()).toEqual([id]);
  });

  test('is deleted with the stack, and again where that is repeated', async () => {
    expect(await send('Delete', id)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: id });
    expect(existing()).toEqual([]);
    expect(await send('Delete', id)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('whose creation failed is answered under an id of its own, and what is left of it is deleted', async () => {
    await latchkey.admin.api('POST', '/integrations', { ...integration, name: 'Taken' });
    const others = existing();
    const failed = await send('Create', undefined, { name: 'Taken' });
    expect(failed).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'failed-request-1' });
    expect(await send('Delete', failed.PhysicalResourceId, { name: 'Taken' })).toMatchObject({ Status: 'SUCCESS' });
    expect(existing()).toEqual(others);
  });
});
