import { rmSync } from 'node:fs';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { startLogoutReceiver } from '../src/oauth/logout-receiver.ts';
import { call } from './client.ts';
import {
  assertingClient,
  basic,
  browserWithSecondFactor,
  type Described,
  describedBy,
  listed,
  type Metadata,
  machineOf,
  post,
  readWithBoundToken,
} from './metadata-scene.ts';
import { type Running, start } from './running-deployment.ts';
import { asks, authorize, Browser, createApp, goThrough, locationOf, newChecks, type Page } from './sign-in.ts';

/** How long it takes at most until clients are told of a logout, in milliseconds. */
const everyMinute = 75_000;

/** Shows that one value works, or fails. */
type Walk = (value: string, described: Described) => Promise<void>;

/** An authorization request of the app that may do everything, decided by an administrator. */
async function asked({ app, outputs }: Described, more: Record<string, string>, browser = new Browser()) {
  const { parameters, checks } = await newChecks();
  const all = { ...parameters, scope: 'openid profile email offline_access issues:read', ...more };
  const url = client.buildAuthorizationUrl(app.configuration, all);
  return { url, checks, page: () => goThrough(browser, url, outputs.users.administrator) };
}

const answerOf = (page: Page) => {
  const { searchParams, hash } = locationOf(page);
  return new URLSearchParams(hash === '' ? searchParams : hash.slice(1));
};

const tokensOf = async ({ app, outputs }: Described, scope = 'openid profile email offline_access issues:read') =>
  authorize(app.configuration, outputs.users.administrator, scope);

/** How each grant type is used; the answer of the token endpoint, or of the authorization endpoint. */
const grants: Readonly<Record<string, (described: Described) => Promise<unknown>>> = {
  client_credentials: async ({ app }) =>
    (await client.clientCredentialsGrant(app.configuration, { scope: 'issues:read' })).access_token,
  authorization_code: async (described) => (await tokensOf(described)).access_token,
  refresh_token: async (described) => {
    const { refresh_token = '' } = await tokensOf(described);
    return (await client.refreshTokenGrant(described.app.configuration, refresh_token)).access_token;
  },
  'urn:ietf:params:oauth:grant-type:device_code': async ({ app, outputs }) => {
    const waiting = await client.initiateDeviceAuthorization(app.configuration, { scope: 'issues:read' });
    const browser = new Browser();
    const typed = await browser.open(waiting.verification_uri_complete ?? waiting.verification_uri);
    const asksWho = await browser.submit(typed, { user_code: waiting.user_code });
    const asksWhat = await browser.submit(asksWho, { ...outputs.users.administrator });
    await browser.submit(asksWhat, { decision: 'allow' });
    return (await client.pollDeviceAuthorizationGrant(app.configuration, waiting)).access_token;
  },
  password: async ({ app, outputs }) => {
    const { username, password } = outputs.users.administrator;
    const answer = await post(
      outputs.token_endpoint,
      { grant_type: 'password', username, password, scope: 'issues:read' },
      basic(app.integration),
    );
    return answer.body.access_token;
  },
  implicit: async (described) => {
    const { page } = await asked(described, { response_type: 'token', scope: 'issues:read' });
    return answerOf(await page()).get('access_token');
  },
};

/** What stands in the answer of each response type. */
const answered: Readonly<Record<string, readonly string[]>> = {
  code: ['code'],
  token: ['access_token'],
  id_token: ['id_token'],
  'id_token token': ['access_token', 'id_token'],
};

/** Where the answer of each response mode stands. */
const modes: Readonly<Record<string, (page: Page) => string | null | undefined>> = {
  query: (page) => locationOf(page).searchParams.get('code'),
  fragment: (page) => new URLSearchParams(locationOf(page).hash.slice(1)).get('code'),
  form_post: ({ document }) => document.querySelector('input[name="code"]')?.getAttribute('value'),
};

/** What each prompt shows to somebody who is signed in and has agreed before. */
const prompts: Readonly<Record<string, (page: Page) => boolean>> = {
  none: (page) => answerOf(page).get('code') !== null,
  login: (page) => asks(page, 'password'),
  consent: (page) => asks(page, 'decision'),
  select_account: ({ status, url }) => status === 200 && new URL(url).pathname.endsWith('/accounts'),
};

/** What a client sends that authenticates in each way, to whichever endpoint. */
const authentications: Readonly<Record<string, (described: Described) => Promise<Sent>>> = {
  client_secret_basic: async (described) => ({ headers: basic(await machineOf(described)), form: {} }),
  client_secret_post: async (described) => {
    const { client_id, client_secret } = await machineOf(described);
    return { headers: {}, form: { client_id, client_secret } };
  },
  private_key_jwt: async (described) => ({ headers: {}, form: await (await assertingClient(described, 'ES256'))() }),
  none: async ({ outputs, admin }) => {
    const members = { token_endpoint_auth_method: 'none' };
    const { integration } = await createApp(outputs, admin, ['issues:read'], members);
    return { headers: {}, form: { client_id: integration.client_id } };
  },
};

interface Sent {
  readonly headers: Record<string, string>;
  readonly form: Record<string, string>;
}

/** That an endpoint lets a client in, whatever it makes of what the client asks for. */
const letsIn =
  (endpoint: string, parameters: Record<string, string>) =>
  async ({ headers, form }: Sent, { metadata }: Described) => {
    const { status, body } = await post(metadata[endpoint], { ...parameters, ...form }, headers);
    expect([200, 400]).toContain(status);
    expect(['unauthorized_client', undefined]).toContain(body?.error);
  };

const atToken = letsIn('token_endpoint', { grant_type: 'client_credentials' });
const atIntrospection = letsIn('introspection_endpoint', { token: 'none' });
const atRevocation = letsIn('revocation_endpoint', { token: 'none' });

const methodsOf =
  (enter: typeof atToken): Walk =>
  async (value, described) =>
    enter(await walkOf(authentications, value)(described), described);

const algorithmsOf =
  (enter: typeof atToken): Walk =>
  async (value, described) =>
    enter({ headers: {}, form: await (await assertingClient(described, value))() }, described);

/** The walk of a value; one that nothing walks is a fault. */
function walkOf<T>(walks: Readonly<Record<string, T>>, value: string): T {
  const walk = walks[value];
  if (walk === undefined) throw new Error(`nothing shows that ${value} works`);
  return walk;
}

const isReached: Walk = async (url) => {
  const answers = await Promise.all(['GET', 'POST'].map((method) => call(method, url)));
  expect(answers.some(({ status }) => status !== 404 && status < 500)).toBe(true);
};

/** The error that says that a parameter is not understood. */
const isRefused =
  (parameter: string, error: string): Walk =>
  async (value, described) => {
    expect(value).toBe('false');
    const { page } = await asked(described, { [parameter]: 'https://client.example/request' });
    expect(answerOf(await page()).get('error')).toBe(error);
  };

/** What shows of each member of the metadata that a value of it works. */
const walks: Readonly<Record<string, Walk>> = {
  issuer: async (value, described) => {
    const { page } = await asked(described, {});
    expect(answerOf(await page()).get('iss')).toBe(value);
  },
  jwks_uri: isReached,
  token_endpoint: isReached,
  authorization_endpoint: isReached,
  pushed_authorization_request_endpoint: async (_, { app }) => {
    const { parameters } = await newChecks();
    const url = await client.buildAuthorizationUrlWithPAR(app.configuration, { ...parameters, scope: 'openid' });
    expect(asks(await new Browser().open(url.href), 'password')).toBe(true);
  },
  introspection_endpoint: isReached,
  revocation_endpoint: isReached,
  device_authorization_endpoint: isReached,
  userinfo_endpoint: isReached,
  end_session_endpoint: isReached,
  scopes_supported: async (value, { app, outputs }) => {
    const tokens = await authorize(
      app.configuration,
      outputs.users.administrator,
      [...new Set(['openid', value])].join(' '),
    );
    expect(tokens.scope?.split(' ')).toContain(value);
  },
  grant_types_supported: async (value, described) => {
    expect(await walkOf(grants, value)(described)).toEqual(expect.any(String));
  },
  response_types_supported: async (value, described) => {
    const { page } = await asked(described, { response_type: value });
    const answer = answerOf(await page());
    const given = ['code', 'access_token', 'id_token'].filter((name) => answer.has(name));
    expect(given).toEqual(walkOf(answered, value));
  },
  response_modes_supported: async (value, described) => {
    const { page } = await asked(described, { response_mode: value });
    expect(walkOf(modes, value)(await page())).toEqual(expect.any(String));
  },
  code_challenge_methods_supported: async (value, described) => {
    expect(value).toBe('S256');
    expect((await tokensOf(described)).access_token).toEqual(expect.any(String));
  },
  prompt_values_supported: async (value, described) => {
    const browser = new Browser();
    const before = await (await asked(described, {}, browser)).page();
    expect(answerOf(before).get('code')).toEqual(expect.any(String));
    // Any port of a loopback address might be another app's: only elsewhere is consent remembered for everybody.
    const { url } = await asked(described, { prompt: value }, browser);
    expect(walkOf(prompts, value)(await browser.open(url.href))).toBe(true);
  },
  authorization_response_iss_parameter_supported: isTrue('iss'),
  claims_parameter_supported: async (value, described) => {
    expect(value).toBe('false');
    const { page } = await asked(described, { claims: '{"id_token":{"email":null}}', scope: 'openid' });
    expect(answerOf(await page()).get('code')).toEqual(expect.any(String));
  },
  request_parameter_supported: isRefused('request', 'request_not_supported'),
  request_uri_parameter_supported: isRefused('request_uri', 'request_uri_not_supported'),
  authorization_details_types_supported: async (value, { app }) => {
    const details = [{ type: value, identifier: 'PRJ', actions: ['issues:read'] }];
    const answer = await client.clientCredentialsGrant(app.configuration, {
      authorization_details: JSON.stringify(details),
    });
    expect(answer.authorization_details).toEqual(details);
  },
  token_endpoint_auth_methods_supported: methodsOf(atToken),
  token_endpoint_auth_signing_alg_values_supported: algorithmsOf(atToken),
  introspection_endpoint_auth_methods_supported: methodsOf(atIntrospection),
  introspection_endpoint_auth_signing_alg_values_supported: algorithmsOf(atIntrospection),
  revocation_endpoint_auth_methods_supported: methodsOf(atRevocation),
  revocation_endpoint_auth_signing_alg_values_supported: algorithmsOf(atRevocation),
  subject_types_supported: async (value, described) => {
    expect(value).toBe('public');
    const { outputs, admin } = described;
    const { configuration } = await createApp(outputs, admin, ['issues:read']);
    const other = await authorize(configuration, outputs.users.administrator, 'openid');
    expect((await tokensOf(described)).claims()?.sub).toBe(other.claims()?.sub);
  },
  id_token_signing_alg_values_supported: async (value, described) => {
    expect(decodeProtectedHeader((await tokensOf(described)).id_token ?? '').alg).toBe(value);
  },
  acr_values_supported: async (value, described) => {
    const { app, outputs } = described;
    const { browser, user } =
      value === 'aal2'
        ? await browserWithSecondFactor(described)
        : { browser: new Browser(), user: outputs.users.administrator };
    expect((await authorize(app.configuration, user, 'openid', { browser })).claims()?.acr).toBe(value);
  },
  claims_supported: async (value, described) => {
    const { app } = described;
    const tokens = await tokensOf(described);
    const claims = tokens.claims();
    const info = await client.fetchUserInfo(app.configuration, tokens.access_token, claims?.sub ?? '');
    expect({ ...info, ...claims }).toHaveProperty(value);
  },
  dpop_signing_alg_values_supported: async (value, described) => {
    const [answer, read] = await readWithBoundToken(described, value);
    expect([answer?.body.token_type, read?.status]).toEqual(['DPoP', 200]);
  },
  // Shown by the next.
  backchannel_logout_supported: async (value) => expect(value).toBe('true'),
  backchannel_logout_session_supported: async (value, { outputs, admin }) => {
    expect(value).toBe('true');
    const receiver = await startLogoutReceiver();
    try {
      const members = { backchannel_logout_uri: receiver.url };
      const { configuration } = await createApp(outputs, admin, ['issues:read'], members);
      const browser = new Browser();
      const { id_token = '' } = await authorize(configuration, outputs.users.member, 'openid', { browser });
      await browser.open(client.buildEndSessionUrl(configuration, { id_token_hint: id_token }).href);
      await vi.waitUntil(() => receiver.received.length > 0, { timeout: everyMinute, interval: 500 });
      expect(decodeJwt(receiver.received[0]?.token ?? '')).toMatchObject({ sid: decodeJwt(id_token).sid });
    } finally {
      await receiver.close();
    }
  },
};

/** That each answer says it. */
function isTrue(parameter: string): Walk {
  return async (value, described) => {
    expect(value).toBe('true');
    const { page } = await asked(described, { prompt: 'none' });
    expect(answerOf(await page()).get(parameter)).toBe(described.outputs.issuer);
  };
}

const valuesOf = (value: Metadata[string] = []) => (Array.isArray(value) ? value : [String(value)]) as string[];

function walkAll(described: () => Described) {
  test('every member is walked', () => {
    expect(Object.keys(described().metadata).filter((member) => !Object.hasOwn(walks, member))).toEqual([]);
  });

  test.each(Object.keys(walks))(
    '%s: each value works',
    async (member) => {
      for (const value of valuesOf(described().metadata[member])) {
        await walks[member]?.(value, described()).catch((error: unknown) => {
          throw new Error(`${member}: ${value} does not work: ${error}`, { cause: error });
        });
      }
    },
    120_000,
  );

  test('a grant type that is not listed is not supported', async () => {
    const offered = listed(described(), 'grant_types_supported');
    const others = ['password', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'implicit'];
    for (const grant_type of others.filter((other) => other === 'implicit' || !offered.includes(other))) {
      const { outputs, app } = described();
      const answer = await post(outputs.token_endpoint, { grant_type }, basic(app.integration));
      expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
    }
  });

  test('what proves nothing is let in where it is listed and nowhere else', async () => {
    expect(listed(described(), 'introspection_endpoint_auth_methods_supported')).not.toContain('none');
    const { form } = await walkOf(authentications, 'none')(described());
    const answer = await post(described().metadata.introspection_endpoint, { token: 'none', ...form });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
}

describe('as it is deployed by default', () => {
  let described: Described;
  beforeAll(async () => {
    described = await describedBy(inject('oneOrigin'));
  });
  walkAll(() => described);
});

describe('with all that a stage may name', () => {
  let running: Running;
  let described: Described;
  beforeAll(async () => {
    const options = { LATCHKEY_DPOP: 'on', LATCHKEY_LEGACY_GRANTS: 'password,implicit', LATCHKEY_STORE: 'memory' };
    running = await start(options);
    described = await describedBy(running.outputs);
  });
  afterAll(async () => {
    await running?.stop();
    if (running !== undefined) rmSync(running.directory, { recursive: true, force: true });
  });
  walkAll(() => described);
});
