import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { environment } from '../../../src/environment.ts';
import { adminApiUnderTest } from '../../src/deployment/kept-integrations.ts';
import { deploySecrets } from '../key-management.ts';

const manager = { client_id: 'int_0000000000000000manager000000000000000', client_secret: 'lks_manager' };

/** A deployment of Latchkey as a workload's functions meet it over HTTP, with their secrets and their environment. */
export async function latchkeyUnderTest() {
  const admin = adminApiUnderTest();
  const { secrets, close } = await deploySecrets();
  const answers: Record<string, unknown>[] = [];
  /** What the token endpoint answers the manager with. */
  const state = { managerStatus: 200, tokens: 0 };

  async function answerTo(method: string, path: string, headers: NodeJS.Dict<string | string[]>, body: string) {
    if (path === '/answer') {
      answers.push(JSON.parse(body));
      return { status: 200, body: {} };
    }
    if (path === '/auth/oauth2/token') {
      const [id = '', secret = ''] = Buffer.from(String(headers.authorization).slice(6), 'base64')
        .toString()
        .split(':');
      if (id === manager.client_id && secret === manager.client_secret) {
        state.tokens++;
        return { status: state.managerStatus, body: { access_token: 'of the manager' } };
      }
      return (await admin.authenticates({ client_id: id, client_secret: secret }))
        ? { status: 400, body: { error: 'invalid_scope' } }
        : { status: 401, body: { error: 'invalid_client' } };
    }
    if (headers.authorization !== 'Bearer of the manager') return { status: 401, body: {} };
    return admin.api(method, path.slice('/admin/v1'.length), body === '' ? undefined : JSON.parse(body));
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const answer = await answerTo(method, url, headers, Buffer.concat(chunks).toString());
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const SecretId = await secrets.ensureSecret('Workload', {});
  const text = async () =>
    ((await secrets.call('GetSecretValue', { SecretId })) as { SecretString: string }).SecretString;
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    [environment.issuer]: `${url}/auth`,
    [environment.adminUrl]: `${url}/admin/v1`,
    [environment.managerSecretArn]: await secrets.ensureSecret('Manager', { SecretString: JSON.stringify(manager) }),
    [environment.credentialsSecretArn]: SecretId,
    [environment.overlapSeconds]: '3600',
  });
  return {
    admin,
    secrets,
    secretArn: SecretId,
    /** What CloudFormation was answered. */
    answers,
    answerUrl: `${url}/answer`,
    tokenEndpoint: `${url}/auth/oauth2/token`,
    state,
    current: async () => JSON.parse(await text()) as { client_id: string; client_secret: string },
    async close() {
      server.close();
      await close();
    },
  };
}
