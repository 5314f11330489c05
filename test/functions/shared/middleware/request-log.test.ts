import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { logger } from '../../../../functions/shared/logger.ts';
import { requestLog } from '../../../../functions/shared/middleware/request-log.ts';
import { DependencyUnavailable, InvalidInput, NotFound } from '../../../../src/entities/errors.ts';
import { InvalidClient } from '../../../../src/oauth/errors.ts';

const event = {
  httpMethod: 'POST',
  resource: '/v1/integrations',
  headers: { Authorization: 'Bearer token-of-the-caller' },
  body: '{"name":"what was sent"}',
  requestContext: { requestId: 'request-1' },
} as unknown as APIGatewayProxyEvent;

function logged(error: Error, statusCode: number) {
  const info = vi.spyOn(logger, 'info').mockImplementation(() => {});
  const failure = vi.spyOn(logger, 'error').mockImplementation(() => {});
  requestLog().onError?.({ event, error, response: { statusCode, body: '' } } as never);
  return { info: info.mock.calls, failure: failure.mock.calls };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a refused request', () => {
  it.each([
    ['NotFound', new NotFound(), 404],
    ['InvalidInput', new InvalidInput([{ pointer: '/name', detail: 'what was sent' }]), 400],
    ['invalid_client: no such client', new InvalidClient('no such client', {}), 401],
  ])('is one line with the reason %s', (reason, error, status) => {
    const { info, failure } = logged(error, status);
    expect(failure).toEqual([]);
    expect(info).toEqual([
      ['request refused', { requestId: 'request-1', method: 'POST', resource: '/v1/integrations', status, reason }],
    ]);
  });
});

describe('a failed request', () => {
  it('is one line with the error and its cause', () => {
    const { info, failure } = logged(new DependencyUnavailable(new Error('socket hang up')), 503);
    expect(info).toEqual([]);
    expect(failure).toHaveLength(1);
    expect(failure[0]?.[1]).toMatchObject({
      status: 503,
      error: { name: 'DependencyUnavailable', cause: { message: 'socket hang up' } },
    });
  });
});

it('holds nothing of what was sent', () => {
  const { info, failure } = logged(new InvalidInput([{ pointer: '/name', detail: 'what was sent' }]), 400);
  expect(JSON.stringify([info, failure])).not.toMatch(/what was sent|token-of-the-caller/);
});
