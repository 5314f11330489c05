import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CfnResource, Stack } from 'aws-cdk-lib';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type AppOptions, type RunningApp, startApp } from '../../local/app.ts';
import { StartupError } from '../../local/startup-error.ts';
import { type Echoed, type SampleApp, type SampleOptions, sampleApp } from './sample-app.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

function synthesized(options: SampleOptions = {}): SampleApp {
  const sample = sampleApp(options);
  cleanUp.push(() => sample.remove());
  return sample;
}

const quiet = { port: 0, dataDirectory: undefined, origins: 'one', log: () => undefined } as const;

async function started(sample: SampleApp, options: Partial<AppOptions> = {}): Promise<RunningApp> {
  const app = await startApp({ ...quiet, assemblyDirectory: sample.directory, ...options });
  cleanUp.push(() => app.close());
  return app;
}

const refusal = async (sample: SampleApp, options: Partial<AppOptions> = {}): Promise<Error> =>
  started(sample, options).then(
    () => new Error('it started'),
    (error: unknown) => (error instanceof StartupError ? error : new Error(`no StartupError: ${error}`)),
  );

describe('a running app', () => {
  let sample: SampleApp;
  let app: RunningApp;
  beforeAll(async () => {
    sample = sampleApp();
    app = await startApp({ ...quiet, assemblyDirectory: sample.directory });
  });
  afterAll(async () => {
    await app.close();
    sample.remove();
  });

  test('serves its methods at the origin that its outputs name', async () => {
    expect(app.outputs.Url).toBe(`${app.url}/api/`);
    const got = await fetch(`${app.outputs.Url}v1`);
    expect(got.status).toBe(200);
    expect(got.headers.get('x-amzn-remapped-www-authenticate')).toBe('Basic');
    const { event, environment } = (await got.json()) as Echoed;
    expect(event).toMatchObject({ resource: '/v1', path: '/api/v1' });
    expect(environment.table).toMatch(/^Data-Table/);
    expect(environment.region).toBe('eu-central-1');
  });

  test('asks the authorizer, and renders its refusals with local addresses', async () => {
    const call = (token: string) => fetch(`${app.url}/api/v1/7`, { headers: { authorization: token } });
    expect((await call('Bearer good')).status).toBe(200);
    const denied = await call('Bearer bad');
    expect(denied.status).toBe(403);
    expect(await denied.json()).toEqual({ scope: 'things:read' });
    expect(denied.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${app.url}/api/meta"`);
    expect((await call('Bearer thrown')).status).toBe(401);
    expect((await fetch(`${app.url}/api/v1/7`)).status).toBe(401);
  });

  test('answers a preflight as the template says', async () => {
    const got = await fetch(`${app.url}/api/v1`, { method: 'OPTIONS' });
    expect(got.status).toBe(204);
    expect(got.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('has run its custom resource with Create', () => {
    expect(app.outputs).toMatchObject({ Kind: 'Create', Former: 'none', Count: '1' });
  });

  test('keeps the value of a secret that the template gives', async () => {
    expect(await app.secretText(app.outputs.SecretArn ?? '')).toBe('hidden');
  });
});

describe('separate origins', () => {
  test('show paths without the stage, as an execute-api address does', async () => {
    const app = await started(synthesized(), { origins: 'separate' });
    expect(app.outputs.Url).toBe(`${app.url}/api/`);
    const { event } = (await (await fetch(`${app.url}/api/v1`)).json()) as Echoed;
    expect(event.path).toBe('/v1');
    expect(event.requestContext.path).toBe('/api/v1');
  });
});

describe('a function without a permission for its caller', () => {
  const withoutPermissions = (matches: (permission: CfnPermission) => boolean) =>
    synthesized({
      change: ({ api }) => {
        for (const child of api.node.findAll())
          if (child instanceof CfnPermission && matches(child)) child.node.scope?.node.tryRemoveChild(child.node.id);
      },
    });
  const isAuthorizers = (permission: CfnPermission) =>
    JSON.stringify(Stack.of(permission).resolve(permission.sourceArn)).includes('authorizers');

  test('is not called by its API', async () => {
    const app = await started(withoutPermissions((permission) => !isAuthorizers(permission)));
    expect((await fetch(`${app.url}/api/v1`)).status).toBe(500);
  });

  test('is not called as an authorizer', async () => {
    const app = await started(withoutPermissions(isAuthorizers));
    const got = await fetch(`${app.url}/api/v1/7`, { headers: { authorization: 'Bearer good' } });
    expect(got.status).toBe(500);
    expect((await fetch(`${app.url}/api/v1`)).status).toBe(200);
  });
});

describe('a custom resource', () => {
  test('gets an Update with its physical id and old properties at the next start', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
    cleanUp.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
    const first = await startApp({ ...quiet, dataDirectory, assemblyDirectory: synthesized().directory });
    expect(first.outputs).toMatchObject({ Kind: 'Create' });
    await first.close();
    const again = await started(synthesized({ customResourceCount: 2 }), { dataDirectory });
    expect(again.outputs).toMatchObject({ Kind: 'Update', Former: 'physical-1', Count: '2' });
    expect(statSync(dataDirectory).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['that fails', "await answer('FAILED', {}, 'no luck')", 'Api/Custom: its function failed: no luck'],
    ['that answers nothing', 'void answer', 'Api/Custom: its function answered nothing'],
    ['that throws', "throw new Error('bang')", 'bang'],
    [
      'whose answer is malformed',
      "await answer('PERHAPS', {})",
      'Api/Custom: its function’s answer is malformed'.replace('’', "'"),
    ],
  ])('%s is a reason not to start', async (_, customResource, message) => {
    expect((await refusal(synthesized({ customResource }))).message).toContain(message);
  });

  test('may answer once: a second answer is refused', async () => {
    const work =
      "await answer('SUCCESS', { Kind: 'first', Former: '', Count: '' }); const second = await answer('FAILED', {}); if (second.status !== 403) console.error('accepted twice')";
    const lines: string[] = [];
    const app = await started(synthesized({ customResource: work }), { log: (line) => lines.push(line) });
    expect(app.outputs.Kind).toBe('first');
    expect(lines.join()).not.toContain('accepted twice');
  });
});

describe('what is a reason not to start, in one line', () => {
  test('a resource type that is not known', async () => {
    const sample = synthesized({ change: ({ data }) => new CfnQueue(data, 'Queue') });
    expect((await refusal(sample)).message).toBe('stack Data: the local run does not know AWS::SQS::Queue (Queue)');
  });

  test('a type without effect is none', async () => {
    await started(synthesized({ change: ({ data }) => new CfnTopic(data, 'Topic') }));
  });

  test('a property that is not known', async () => {
    const sample = synthesized({
      change: ({ api }) => {
        const [method] = api.node.findAll().filter((child) => child.node.path.endsWith('/v1/GET/Resource'));
        (method as CfnResource).addPropertyOverride('RequestValidatorId', 'x');
      },
    });
    expect((await refusal(sample)).message).toContain('does not know RequestValidatorId of AWS::ApiGateway::Method');
  });

  test('an intrinsic function that is not known', async () => {
    const sample = synthesized({
      change: ({ api }) =>
        (api.node.findChild('Echo').node.defaultChild as CfnResource).addPropertyOverride('Environment.Variables.X', {
          'Fn::Cidr': ['10.0.0.0/8', 1, 8],
        }),
    });
    expect((await refusal(sample)).message).toBe(
      'stack Api: the local run does not know the intrinsic function Fn::Cidr',
    );
  });

  test('a port in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    expect((await refusal(synthesized(), { port })).message).toBe(`port ${port} is in use; PORT sets another one`);
  });

  test('a data folder that is a file, or whose files are damaged', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
    cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'custom-resources.json'), '{"a":');
    const sample = synthesized();
    expect((await refusal(sample, { dataDirectory: folder })).message).toContain('damaged');
    const file = join(folder, 'custom-resources.json');
    expect((await refusal(sample, { dataDirectory: file })).message).toContain(
      `the data folder ${file} cannot be used`,
    );
  });

  test.each<[string, (folder: string) => void, string]>([
    ['its keys gone', (folder) => rmSync(join(folder, 'kms'), { recursive: true }), 'is gone from'],
    ['one key gone', (folder) => rmSync(join(folder, 'kms', readdirSync(join(folder, 'kms'))[0] ?? '')), ':key/'],
    ['its table gone', (folder) => rmSync(join(folder, 'dynamodb'), { recursive: true }), 'is gone from'],
    [
      'a table whose files hold something else',
      (folder) => {
        const files = readdirSync(join(folder, 'dynamodb')).filter((name) => /\.(?:log|ldb)$/.test(name));
        for (const file of files) writeFileSync(join(folder, 'dynamodb', file), randomBytes(3000));
      },
      'dynamodb',
    ],
    [
      'a damaged key',
      (folder) => {
        for (const file of readdirSync(join(folder, 'kms'))) writeFileSync(join(folder, 'kms', file), '{"a');
      },
      '.json is damaged',
    ],
    ['a damaged table', (folder) => writeFileSync(join(folder, 'dynamodb', 'CURRENT'), 'x'), 'dynamodb: Corruption'],
  ])('%s', async (_, spoil, message) => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
    cleanUp.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
    const sample = synthesized();
    await (await startApp({ ...quiet, dataDirectory, assemblyDirectory: sample.directory })).close();
    await (await startApp({ ...quiet, dataDirectory, assemblyDirectory: sample.directory })).close();
    spoil(dataDirectory);
    const refused = (await refusal(sample, { dataDirectory })).message;
    expect(refused).toContain(message);
    expect(refused).not.toContain('\n');
  });

  test('only what a crash leaves half written is removed from the data folder', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
    cleanUp.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
    for (const name of ['outputs.json.0.tmp', 'notes.txt']) writeFileSync(join(dataDirectory, name), '');
    await started(synthesized(), { dataDirectory });
    expect(readdirSync(dataDirectory)).toContain('notes.txt');
    expect(readdirSync(dataDirectory)).not.toContain('outputs.json.0.tmp');
  });

  test('a second process on the same data', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
    cleanUp.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
    const sample = synthesized();
    await started(sample, { dataDirectory });
    expect((await refusal(sample, { dataDirectory })).message).toContain(dataDirectory);
  });

  test('a folder that holds no assembly', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
    cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
    expect((await refusal({ directory: folder, remove: () => undefined })).message).toContain(
      'no part of a cloud assembly',
    );
  });
});
