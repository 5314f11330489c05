import { afterEach, expect, test, vi } from 'vitest';
import { count } from '../../../functions/shared/metrics.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test('a count is one line of the embedded metric format, which CloudWatch reads out of the log', () => {
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'admin-authorizer');
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'Latchkey-Admin-authorizer');
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  count('RefusedTokens', { reason: 'exp', client_id: undefined });

  const [[line] = []] = written.mock.calls;
  expect(line).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(String(line))).toEqual({
    _aws: {
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        { Namespace: 'Latchkey', Dimensions: [['FunctionName']], Metrics: [{ Name: 'RefusedTokens', Unit: 'Count' }] },
      ],
    },
    FunctionName: 'Latchkey-Admin-authorizer',
    service: 'admin-authorizer',
    reason: 'exp',
    RefusedTokens: 1,
  });
});
