import type { APIGatewayProxyEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { callerOrigin, deploymentOrigin, sourceOf } from '../../../functions/shared/origin.ts';
import { environment } from '../../../src/environment.ts';
import { newCaller } from '../deployment.ts';

const event = {
  requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
  headers: { 'X-Forwarded-For': '198.51.100.1' },
} as unknown as APIGatewayProxyEvent;

beforeEach(() => {
  process.env[environment.auditRetentionDays] = '30';
});

describe('an origin', () => {
  it('of a call names the token and the address that API Gateway saw, whatever a header says', () => {
    const caller = newCaller();
    expect(callerOrigin(event, caller)).toEqual({
      actor: caller.subject,
      via: { clientId: caller.clientId, tokenId: caller.tokenId },
      requestId: 'request-1',
      address: '203.0.113.7',
      retentionDays: 30,
    });
  });

  it('of what the deployment does itself names no address', () => {
    expect(deploymentOrigin('request-2')).toEqual({
      actor: 'deployment',
      requestId: 'request-2',
      address: '',
      retentionDays: 30,
    });
  });

  it('is there where nothing is written to the log; an event that would be kept for no known time is refused', () => {
    delete process.env[environment.auditRetentionDays];
    const origin = callerOrigin(event, undefined);
    expect(origin).toMatchObject({ actor: 'anonymous', address: '203.0.113.7' });
    expect(() => origin.retentionDays).toThrow(environment.auditRetentionDays);
    expect(() => sourceOf(event).retentionDays).toThrow(environment.auditRetentionDays);
  });
});
