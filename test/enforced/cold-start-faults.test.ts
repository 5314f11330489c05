import { beforeAll, expect, test } from 'vitest';
import { requestToken, tokenOf } from '../conformance/client.ts';
import { Browser } from '../conformance/sign-in.ts';
import { type EnforcedRun, enforcedRun, entryOf, synthesized } from './enforced-run.ts';
import { authorizationUrl, newApp } from './pages.ts';
import { send } from './request.ts';

/** What a function reads of the deployment at its first call, and keeps: a fault of that must not be kept. */
const query = { operation: 'Query', times: 3, answer: { code: 'InternalServerError', status: 500 } } as const;

let run: EnforcedRun;
beforeAll(async () => {
  run = await enforcedRun(synthesized());
});

function strikeFirstRead(entry: string): void {
  const functionName = run.principals.find((principal) => entryOf(principal.functionName) === entry)?.functionName;
  run.endpoint.faults.add({ ...query, functionName: functionName ?? '' });
}

test('a token function whose first read fails answers 503, and issues at the next request', async () => {
  strikeFirstRead('auth/token');
  const { status, body, headers } = await requestToken(run.outputs, run.outputs.admin);
  expect({ status, error: body.error }).toEqual({ status: 503, error: 'temporarily_unavailable' });
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
  expect((await requestToken(run.outputs, run.outputs.admin)).status).toBe(200);
});

test('an authorizer whose first read fails answers 500, and decides at the next request', async () => {
  strikeFirstRead('api/authorizer');
  const token = await tokenOf(run.outputs, run.outputs.admin);
  expect((await send(run.outputs, 'listUsers', { token })).status).toBe(500);
  expect((await send(run.outputs, 'listUsers', { token })).status).toBe(200);
});

test('an authorization endpoint whose first read fails answers a page with 503, and asks at the next request', async () => {
  strikeFirstRead('auth/authorize');
  const admin = await tokenOf(run.outputs, run.outputs.admin);
  const url = authorizationUrl(run.outputs, await newApp(run.outputs, admin));
  const first = await new Browser().open(url);
  expect(first.status).toBe(503);
  expect(first.headers.get('content-type')).toContain('text/html');
  expect(first.headers.get('retry-after')).toMatch(/^\d+$/);
  expect((await new Browser().open(url)).status).toBe(200);
});
