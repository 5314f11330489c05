import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { calculateJwkThumbprint } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/deployment/bootstrap.ts';
import { logger } from '../../../functions/shared/logger.ts';
import { cursorKeyKey } from '../../../src/adapters/dynamodb/cursor-key.ts';
import { readDeployment } from '../../../src/adapters/dynamodb/deployment.ts';
import { integrationReader } from '../../../src/adapters/dynamodb/integration-store.ts';
import { matches } from '../../../src/entities/recognizable-secret.ts';
import { environment } from '../../../src/environment.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { deployTable } from '../deployment.ts';
import { deployKeys, deploySecret, type KeyManagement } from '../key-management.ts';

interface Answer {
  readonly contentType: string | undefined;
  readonly body: Record<string, unknown>;
}

let embedded: EmbeddedTable;
let keys: KeyManagement;
let secret: Awaited<ReturnType<typeof deploySecret>>;
let cloudFormation: Server;
let answers: Answer[] = [];
/** How many answers are refused before one is taken. */
let refusals = 0;

beforeAll(async () => {
  embedded = await deployTable();
  // A new deployment has no key for cursors.
  await embedded.table.transact([{ delete: cursorKeyKey }]);
  keys = await deployKeys();
  secret = await deploySecret();
  const signing = { KeyUsage: 'SIGN_VERIFY' };
  const rsa = await keys.kms.ensureKey('Rsa', { ...signing, KeySpec: 'RSA_2048' });
  const ec = await keys.kms.ensureKey('Ec', { ...signing, KeySpec: 'ECC_NIST_P256' });
  const ed = await keys.kms.ensureKey('Ed', { ...signing, KeySpec: 'ECC_NIST_EDWARDS25519' });
  Object.assign(process.env, {
    [environment.signingKeys]: JSON.stringify([
      { name: 'rs256-1', algorithm: 'RS256', keyArn: rsa.arn },
      { name: 'es256-1', algorithm: 'ES256', keyArn: ec.arn },
      { name: 'eddsa-1', algorithm: 'EdDSA', keyArn: ed.arn },
    ]),
    [environment.signingAlgorithm]: 'RS256',
    [environment.resourceServers]: JSON.stringify({ billing: 'https://billing.example' }),
  });
  cloudFormation = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (refusals-- > 0) return response.writeHead(503).end();
    answers.push({
      contentType: request.headers['content-type'],
      body: JSON.parse(Buffer.concat(chunks).toString()),
    });
    response.end();
  });
  await new Promise<void>((resolve) => cloudFormation.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  cloudFormation.close();
  await Promise.all([secret.close(), keys.close(), embedded.close()]);
});
beforeEach(() => {
  answers = [];
  refusals = 0;
});

function send(RequestType: 'Create' | 'Update' | 'Delete') {
  const event = {
    RequestType,
    ServiceToken: 'arn:bootstrap',
    ResponseURL: `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/answer?signature=x`,
    StackId: 'arn:stack',
    RequestId: `request-${RequestType}`,
    LogicalResourceId: 'Bootstrap',
    ResourceType: 'Custom::LatchkeyBootstrap',
    ResourceProperties: { ServiceToken: 'arn:bootstrap' },
    ...(RequestType !== 'Create' && { PhysicalResourceId: 'latchkey-bootstrap' }),
  };
  return handler(event as never);
}

const answered = (RequestType: string) => ({
  PhysicalResourceId: 'latchkey-bootstrap',
  StackId: 'arn:stack',
  RequestId: `request-${RequestType}`,
  LogicalResourceId: 'Bootstrap',
});

describe('the bootstrap', () => {
  it('founds the deployment on Create: the credentials that the secret holds are those of the administrator', async () => {
    await send('Create');
    expect(answers).toEqual([{ contentType: '', body: { ...answered('Create'), Status: 'SUCCESS' } }]);
    const credentials = JSON.parse((await secret.value()) ?? '');
    expect(Object.keys(credentials)).toEqual(['tenant', 'client_id', 'client_secret']);
    const administrator = await integrationReader(embedded.table).get(credentials.tenant, credentials.client_id);
    expect(matches(credentials.client_secret, administrator?.secrets[0]?.hash ?? '')).toBe(true);
  });

  it('publishes each signing key under the thumbprint of its public half', async () => {
    const { keys: rows, apis } = await readDeployment(embedded.table);
    expect(rows).toHaveLength(3);
    for (const { kid, publicJwk } of rows) expect(kid).toBe(await calculateJwkThumbprint({ ...publicJwk }));
    expect(rows.find(({ state }) => state === 'active')?.name).toBe('rs256-1');
    expect(apis.map(({ name }) => name)).toEqual(['admin', 'api', 'billing']);
  });

  it('makes nothing twice on Update and leaves everything on Delete', async () => {
    const before = [await secret.value(), await readDeployment(embedded.table)];
    await send('Update');
    await send('Delete');
    expect(answers.map(({ body }) => body.Status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect([await secret.value(), await readDeployment(embedded.table)]).toEqual(before);
  });

  it('sends its answer again where it was not taken', async () => {
    refusals = 2;
    await send('Update');
    expect(answers).toHaveLength(1);
  });

  it('shows no secret in an answer or a log', async () => {
    const { client_secret } = JSON.parse((await secret.value()) ?? '');
    const written: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        written.push(String(text));
        return true;
      }),
    );
    logger.setLogLevel('DEBUG');
    await send('Update');
    const broken = process.env[environment.signingKeys];
    process.env[environment.signingKeys] = '[]broken';
    await send('Update');
    process.env[environment.signingKeys] = broken;
    logger.setLogLevel('SILENT');
    for (const spy of spies) spy.mockRestore();
    expect(answers.map(({ body }) => body.Status)).toEqual(['SUCCESS', 'FAILED']);
    expect(`${written.join('')}${JSON.stringify(answers)}`).not.toContain(client_secret.slice(4, 20));
  });
});
