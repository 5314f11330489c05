import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as accountsHandler } from '../../../functions/auth/accounts.ts';
import { handler } from '../../../functions/auth/device.ts';
import { handler as authorizationHandler } from '../../../functions/auth/device-authorization.ts';
import { handler as signInHandler } from '../../../functions/auth/sign-in.ts';
import { handler as tokenHandler } from '../../../functions/auth/token.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { deviceCodeGrant } from '../../../src/entities/grant-type.ts';
import type { Integration } from '../../../src/entities/integration.ts';
import { environment } from '../../../src/environment.ts';
import { furnish, password } from '../../pages/scene.ts';
import { issuer } from '../../src/oauth/authorization-server.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer, form } from './authorization-server.ts';
import { type PageClient, pageClient } from './page-client.ts';

const handlers = { '/device': handler, '/sign-in': signInHandler, '/accounts': accountsHandler };
let addresses = 0;
const browser = () => pageClient(handlers, `198.51.100.${++addresses % 250}`);

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer();
  Object.assign(process.env, {
    [environment.refreshTokenLifetimeSeconds]: '2592000',
    [environment.refreshTokenIdleSeconds]: '604800',
    [environment.sessionLifetimeSeconds]: '43200',
  });
});
afterAll(() => server.close());

const publicDevice: Partial<Integration> = {
  grantTypes: [deviceCodeGrant],
  tokenEndpointAuthMethod: 'none',
  secrets: [],
};

let scene: Awaited<ReturnType<typeof furnish>>;
beforeEach(async () => {
  scene = await deviceScene();
});

async function deviceScene() {
  const furnished = await furnish(server.table, { integration: publicDevice });
  await server.table.put(integrationItem(furnished.client.integration));
  return furnished;
}

interface Device {
  readonly userCode: string;
  readonly poll: () => Promise<{ readonly status: number; readonly body: Record<string, string> }>;
}

async function newDevice(scope = 'openid issues:read users:read'): Promise<Device> {
  const { clientId } = scene.client.integration;
  const { body } = await callHandler(authorizationHandler)(
    'POST /oauth2/device_authorization',
    form({ client_id: clientId, scope }),
  );
  const parameters = { client_id: clientId, grant_type: deviceCodeGrant, device_code: body.device_code };
  return {
    userCode: body.user_code,
    poll: () => callHandler(tokenHandler)('POST /oauth2/token', form(parameters)),
  };
}

/** Types a code, however it is typed. */
async function type(client: PageClient, userCode: string) {
  const page = await client.get('GET /device', {});
  return client.post('POST /device', {}, { ...page.hidden(), user_code: userCode });
}

const interactionOf = (location: string | undefined) => new URL(location ?? '').searchParams.get('interaction') ?? '';

/** Types the code and signs in; the page that asks. */
async function confirmation(client: PageClient, userCode: string) {
  const typed = await type(client, userCode);
  const interaction = interactionOf(typed.location);
  const sentTo = await client.get('GET /device', {}, { interaction });
  if (sentTo.location?.includes('/sign-in')) {
    const signIn = await client.get('GET /sign-in', {}, { interaction });
    const fields = { ...signIn.hidden('/auth/sign-in'), username: 'ada', password };
    const done = await client.post('POST /sign-in', {}, fields);
    expect(done.location).toBe(`${issuer}/device?interaction=${interaction}`);
  }
  return { interaction, page: await client.get('GET /device', {}, { interaction }) };
}

const decide = (client: PageClient, page: { readonly hidden: () => Record<string, string> }, decision: string) =>
  client.post('POST /device', {}, { ...page.hidden(), decision });

describe('a device', () => {
  it('is allowed by who types its code and signs in, and gets tokens of that user', async () => {
    const device = await newDevice();
    expect((await device.poll()).body.error).toBe('authorization_pending');
    const client = browser();
    const { page } = await confirmation(client, device.userCode);
    expect(page.heading).toContain(`Connect ${scene.client.integration.name}`);
    expect(page.html).toContain(device.userCode);
    expect(page.html).toContain('Only continue if you started this yourself');
    expect(page.html).toContain('Read issues');
    expect(page.html).toContain('Ada Lovelace');
    expect((await decide(client, page, 'allow')).heading).toBe('Your device is connected');
    expect(await device.poll()).toMatchObject({ status: 200, body: { scope: 'openid issues:read users:read' } });
    expect((await device.poll()).body.error).toBe('invalid_grant');
  });

  it('is denied by the same page, and told so', async () => {
    const device = await newDevice();
    const client = browser();
    const { page } = await confirmation(client, device.userCode);
    expect((await decide(client, page, 'deny')).heading).toBe('Your device is not connected');
    expect((await device.poll()).body.error).toBe('access_denied');
  });

  it('asks again although the user agreed to the same before', async () => {
    const client = browser();
    const first = await newDevice();
    await decide(client, (await confirmation(client, first.userCode)).page, 'allow');
    const second = await newDevice();
    const { page } = await confirmation(client, second.userCode);
    expect(page.heading).toContain('Connect');
    expect((await second.poll()).body.error).toBe('authorization_pending');
  });

  it('is given what the user holds, and nothing where they hold none of it', async () => {
    const some = await newDevice('issues:write');
    const client = browser();
    const { page } = await confirmation(client, some.userCode);
    expect(page.html).toContain('Difference engine');
    await decide(client, page, 'allow');
    expect((await some.poll()).body.authorization_details).toEqual([
      { type: 'project', identifier: 'ENGINE', actions: ['issues:write'] },
    ]);
  });

  it('of an app that is disabled meanwhile is over', async () => {
    const device = await newDevice();
    const client = browser();
    const { page } = await confirmation(client, device.userCode);
    await server.table.put(integrationItem({ ...scene.client.integration, status: 'disabled' }));
    expect((await decide(client, page, 'allow')).heading).toBe('This code is over');
    await server.table.put(integrationItem(scene.client.integration));
    expect((await device.poll()).body.error).toBe('authorization_pending');
  });
});

describe('a code', () => {
  it('is understood in any case, with or without its hyphen', async () => {
    for (const write of [(code: string) => code.toLowerCase(), (code: string) => code.replace('-', '')]) {
      const { userCode } = await newDevice();
      expect((await type(browser(), write(userCode))).status).toBe(303);
    }
  });

  it('in the link that the device shows is filled in, and not taken without being sent', async () => {
    const device = await newDevice();
    const page = await browser().get('GET /device', {}, { user_code: device.userCode });
    expect(page.html).toContain(`value="${device.userCode}"`);
  });

  it.each(['', 'WDJB-MJHT', 'nonsense', '"><script>'])('that leads nowhere is refused alike: %s', async (typed) => {
    const page = await type(browser(), typed);
    expect(page.status).toBe(400);
    expect(page.problem).toContain('not right, or has run out');
    expect(page.html).not.toContain('<script>');
  });

  it('that was decided on leads nowhere', async () => {
    const device = await newDevice();
    const client = browser();
    await decide(client, (await confirmation(client, device.userCode)).page, 'deny');
    expect((await type(browser(), device.userCode)).status).toBe(400);
  });

  it('is guessed slowly, whichever codes are tried from an address', async () => {
    const client = pageClient(handlers, '192.0.2.200');
    const statuses: number[] = [];
    for (let guess = 0; guess < 32; guess++) statuses.push((await type(client, 'BBBB-BBBB')).status);
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(400));
    const slowed = await type(client, (await newDevice()).userCode);
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers['Retry-After'])).toBeGreaterThan(0);
    expect((await type(browser(), (await newDevice()).userCode)).status).toBe(303);
  });
});

describe('nobody is tricked', () => {
  it('a decision without the form that this browser was given is refused', async () => {
    const device = await newDevice();
    const client = browser();
    const { page, interaction } = await confirmation(client, device.userCode);
    const forged = await client.post('POST /device', {}, { interaction, decision: 'allow' });
    expect(forged.status).toBe(403);
    const elsewhere = await client.post(
      'POST /device',
      {},
      { ...page.hidden(), decision: 'allow' },
      { 'Sec-Fetch-Site': 'cross-site' },
    );
    expect(elsewhere.status).toBe(403);
    const shown = page.hidden();
    const other = await client.post('POST /device', {}, { ...shown, asked: 'x', decision: 'allow' });
    expect(other.problem).toContain('has changed');
    expect((await device.poll()).body.error).toMatch(/authorization_pending|slow_down/);
  });

  it("another browser's interaction is over", async () => {
    const device = await newDevice();
    const { interaction } = await confirmation(browser(), device.userCode);
    expect((await browser().get('GET /device', {}, { interaction })).status).toBe(400);
  });

  it('a code of one tenant is decided on by no user of another', async () => {
    const device = await newDevice();
    const there = scene;
    scene = await deviceScene();
    const client = browser();
    await confirmation(client, (await newDevice()).userCode);
    const typed = await type(client, device.userCode);
    const interaction = interactionOf(typed.location);
    expect(interaction).toContain(there.tenant.tenant.slice(4));
    expect((await client.get('GET /device', {}, { interaction })).location).toContain('/sign-in');
  });
});

it('ten who decide at once decide once', async () => {
  const device = await newDevice();
  const client = browser();
  const { page } = await confirmation(client, device.userCode);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => decide(client, page, index % 2 === 0 ? 'allow' : 'deny')),
  );
  const decided = answers.filter(({ heading }) => heading?.startsWith('Your device is'));
  expect(decided).toHaveLength(1);
  const expected = decided[0]?.heading === 'Your device is connected' ? undefined : 'access_denied';
  expect((await device.poll()).body.error).toBe(expected);
});
