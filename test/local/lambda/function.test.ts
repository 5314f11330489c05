import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { inventCredentials } from '../../../local/lambda/credentials.ts';
import { createFunction, type FunctionOptions, type LambdaFunction } from '../../../local/lambda/function.ts';
import { FunctionError } from '../../../local/lambda/function-error.ts';
import { environment } from '../../../src/environment.ts';

const cleanups: (() => Promise<void>)[] = [];
const lines: string[] = [];

afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
  lines.length = 0;
});

async function bundle(source: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-bundle-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'index.js'), source);
  return directory;
}

async function running(source: string, options: Partial<FunctionOptions> = {}): Promise<LambdaFunction> {
  const fn = await createFunction({
    name: 'token',
    bundleDirectory: await bundle(source),
    handler: 'index.handler',
    environment: { TABLE_NAME: 'data' },
    memorySize: 128,
    timeoutSeconds: 3,
    credentials: inventCredentials(),
    endpointUrl: 'http://127.0.0.1:1',
    region: 'eu-central-1',
    accountId: '123456789012',
    log: (functionName, line) => lines.push(`${functionName} ${line}`),
    ...options,
  });
  cleanups.push(() => fn.close());
  return fn;
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a function', () => {
  it('answers what its handler returns, as JSON knows it', async () => {
    const fn = await running('exports.handler = async (event) => ({ ...event, at: new Date(0), none: undefined });');
    expect(await fn.invoke({ name: 'x' })).toEqual({ name: 'x', at: '1970-01-01T00:00:00.000Z' });
  });

  it('answers null where its handler returns nothing', async () => {
    const fn = await running('exports.handler = async () => {};');
    expect(await fn.invoke({})).toBeNull();
  });

  it('sees the variables of the template and of Lambda, and none of this process', async () => {
    process.env.LATCHKEY_TEST_INHERITED = 'yes';
    const credentials = inventCredentials();
    const fn = await running('exports.handler = async () => process.env;', { credentials });
    const seen = await fn.invoke({});
    delete process.env.LATCHKEY_TEST_INHERITED;
    expect(seen).toMatchObject({
      TABLE_NAME: 'data',
      AWS_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'token',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_SESSION_TOKEN: credentials.sessionToken,
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    for (const name of ['LATCHKEY_TEST_INHERITED', 'PATH', 'HOME', 'NODE_OPTIONS']) {
      expect(seen).not.toHaveProperty(name);
    }
  });

  it('may fetch from this machine, which no template may let it', async () => {
    const fn = await running('exports.handler = async () => process.env;');
    expect(await fn.invoke({})).toHaveProperty(environment.loopbackFetch, 'on');
    await expect(running('', { environment: { [environment.loopbackFetch]: 'on' } })).rejects.toThrow(
      'for a local run alone',
    );
  });

  it('is refused where it sets a variable that Lambda reserves', async () => {
    await expect(running('', { environment: { AWS_REGION: 'x' } })).rejects.toThrow(
      'AWS_REGION, which Lambda reserves',
    );
  });

  it('finds no module that its bundle does not hold', async () => {
    const fn = await running("require('jose'); exports.handler = async () => 1;");
    expect(await failureOf(fn.invoke({}))).toMatchObject({ errorType: 'Runtime.ImportModuleError' });
  });

  it('gets the context that Lambda gives', async () => {
    const fn = await running(
      'exports.handler = async (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() });',
    );
    const context = await fn.invoke({});
    expect(context).toMatchObject({
      functionName: 'token',
      functionVersion: '$LATEST',
      memoryLimitInMB: '128',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:token',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      remaining: expect.any(Number),
    });
    expect((context as { remaining: number }).remaining).toBeGreaterThan(2000);
    expect((context as { remaining: number }).remaining).toBeLessThanOrEqual(3000);
  });

  it('logs its lines under its name', async () => {
    const fn = await running("exports.handler = async () => { console.log('one\\ntwo'); console.error('three'); };");
    await fn.invoke({});
    await expect.poll(() => lines.toSorted()).toEqual(['token one', 'token three', 'token two']);
  });

  it('fails with the type and message of what its handler throws, and goes on', async () => {
    const fn = await running(
      "let calls = 0; exports.handler = async ({ bad }) => { calls++; if (bad) throw new TypeError('bad event'); return calls; };",
    );
    const error = await failureOf(fn.invoke({ bad: true }));
    expect(error).toBeInstanceOf(FunctionError);
    expect(error).toMatchObject({ errorType: 'TypeError', errorMessage: 'bad event' });
    expect(await fn.invoke({})).toBe(2);
  });

  it.each([
    ['exports.other = 1;', 'Runtime.HandlerNotFound'],
    ['exports.handler = (event, context, callback) => callback(null, 1);', 'Runtime.CallbackHandlerDeprecated'],
    ["throw new RangeError('at load');", 'RangeError'],
  ])('cannot start with %s', async (source, errorType) => {
    const fn = await running(source);
    expect(await failureOf(fn.invoke({}))).toMatchObject({ errorType });
    expect(await failureOf(fn.invoke({}))).toMatchObject({ errorType });
  });

  it('is ended when its time is over, and starts anew', async () => {
    const fn = await running(
      'let calls = 0; exports.handler = async ({ hang }) => { calls++; while (hang); return calls; };',
      { timeoutSeconds: 1 },
    );
    expect(await fn.invoke({})).toBe(1);
    const error = await failureOf(fn.invoke({ hang: true }));
    expect(error).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect((error as FunctionError).errorMessage).toMatch(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds$/,
    );
    expect(await fn.invoke({})).toBe(1);
  });

  it('loses its instance to an error that nothing catches', async () => {
    const fn = await running(
      "let calls = 0; exports.handler = ({ bad }) => { calls++; if (bad) { Promise.reject(new Error('lost')); return new Promise(() => {}); } return Promise.resolve(calls); };",
    );
    expect(await fn.invoke({})).toBe(1);
    expect(await failureOf(fn.invoke({ bad: true }))).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection' });
    expect(await fn.invoke({})).toBe(1);
  });

  it('fails when its process exits', async () => {
    const fn = await running('exports.handler = async () => process.exit(3);');
    expect(await failureOf(fn.invoke({}))).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3'),
    });
  });

  it('answers at most 6 MB', async () => {
    const fn = await running("exports.handler = async ({ size }) => 'x'.repeat(size);");
    expect(await fn.invoke({ size: 6 * 1024 * 1024 - 2 })).toHaveLength(6 * 1024 * 1024 - 2);
    expect(await failureOf(fn.invoke({ size: 6 * 1024 * 1024 }))).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
    });
  });

  const counting =
    'let running = 0; exports.handler = async () => { running++; const seen = running; await new Promise((r) => setTimeout(r, 30)); running--; return [require("node:worker_threads").threadId, seen]; };';

  it('runs one event at a time in each instance, in no more instances than allowed', async () => {
    const fn = await running(counting, { maxInstances: 2 });
    const results = (await Promise.all(Array.from({ length: 8 }, () => fn.invoke({})))) as [number, number][];
    expect(results.map(([, seen]) => seen)).toEqual(Array(8).fill(1));
    expect(new Set(results.map(([thread]) => thread)).size).toBe(2);
  });

  it('reuses a warm instance, and gives up one that stays idle', async () => {
    const fn = await running(counting, { idleSeconds: 0.2 });
    const [first] = (await fn.invoke({})) as [number, number];
    const [second] = (await fn.invoke({})) as [number, number];
    expect(second).toBe(first);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const [third] = (await fn.invoke({})) as [number, number];
    expect(third).not.toBe(first);
  });

  it('runs the bundle that replaced its own, while a running event ends in the old one', async () => {
    const fn = await running(
      "exports.handler = async () => { await new Promise((r) => setTimeout(r, 200)); return 'old'; };",
    );
    const running_ = fn.invoke({});
    await fn.replace(await bundle("exports.handler = async () => 'new';"));
    expect(await fn.invoke({})).toBe('new');
    expect(await running_).toBe('old');
  });

  it('leaves the queue when its caller gives up', async () => {
    const fn = await running(counting, { maxInstances: 1 });
    const first = fn.invoke({});
    const given = failureOf(fn.invoke({}, AbortSignal.timeout(5)));
    expect(await given).toMatchObject({ name: 'TimeoutError' });
    expect(await first).toHaveLength(2);
    expect(await fn.invoke({})).toHaveLength(2);
  });

  it('adds less than a millisecond to a warm event', async () => {
    const fn = await running('exports.handler = async () => ({ statusCode: 200 });');
    await fn.invoke({});
    const times: number[] = [];
    for (let index = 0; index < 500; index++) {
      const start = performance.now();
      await fn.invoke({ index });
      times.push(performance.now() - start);
    }
    expect(times.toSorted((left, right) => left - right)[250]).toBeLessThan(1);
  });

  it('refuses events once closed', async () => {
    const fn = await running('exports.handler = async () => 1;');
    await fn.close();
    expect(await failureOf(fn.invoke({}))).toMatchObject({ errorType: 'Sandbox.Closed' });
  });
});
