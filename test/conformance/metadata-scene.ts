import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { TOTP } from 'otpauth';
import { type Credentials, call, createIntegration, type Reply, tokenOf } from './client.ts';
import type { DemonstratedOutputs } from './running-deployment.ts';
import { Browser, createApp, newUser } from './sign-in.ts';

/** Members of a metadata document, as far as they are read. */
export type Metadata = Readonly<Record<string, string | boolean | readonly string[]>>;

/** A deployment, what it says of itself, and an app that may do all of it. */
export interface Described {
  readonly outputs: DemonstratedOutputs;
  readonly metadata: Metadata;
  readonly admin: string;
  readonly app: Awaited<ReturnType<typeof createApp>>;
}

export async function describedBy(outputs: DemonstratedOutputs): Promise<Described> {
  const admin = await tokenOf(outputs, outputs.admin);
  const { body: metadata } = await call('GET', `${outputs.issuer}/.well-known/openid-configuration`);
  const rights = metadata.scopes_supported.filter((scope: string) => scope.includes(':'));
  const app = await createApp(outputs, admin, rights, { grant_types: metadata.grant_types_supported });
  return { outputs, metadata, admin, app };
}

/** The values of a list in the metadata. */
export function listed({ metadata }: Described, member: string): readonly string[] {
  const values = metadata[member];
  if (!Array.isArray(values)) throw new Error(`${member} is no list`);
  return values;
}

/** A form as it is posted. */
export const post = (url: unknown, parameters: Record<string, string>, headers: Record<string, string> = {}) =>
  call('POST', String(url), { body: new URLSearchParams(parameters), headers });

export const basic = ({ client_id, client_secret }: Credentials) => ({
  authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
});

/** A client that acts for itself, and what each way to authenticate takes. */
export async function machineOf({ outputs, admin }: Described): Promise<Credentials> {
  return createIntegration(outputs, admin, ['issues:read', 'tokens:introspect']);
}

async function keysFor(algorithm: string) {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { privateKey, publicJwk: await exportJWK(publicKey) };
}

/** A client registered with a key, and a new assertion of it each time. */
export async function assertingClient({ outputs, admin }: Described, algorithm: string) {
  const { privateKey, publicJwk } = await keysFor(algorithm);
  const { client_id } = await createIntegration(outputs, admin, ['issues:read'], {
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...publicJwk, kid: 'first' }] },
  });
  return async () => ({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: algorithm, kid: 'first' })
      .setIssuer(client_id)
      .setSubject(client_id)
      .setAudience(outputs.issuer)
      .setExpirationTime('1m')
      .sign(privateKey),
  });
}

/** A token that is bound to a key of the algorithm, and what an API answers to it. */
export async function readWithBoundToken(described: Described, algorithm: string): Promise<readonly Reply[]> {
  const { outputs } = described;
  const { privateKey, publicJwk } = await keysFor(algorithm);
  const proof = (htm: string, htu: string, more: Record<string, string> = {}) =>
    new SignJWT({ htm, htu, jti: randomUUID(), ...more })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: algorithm, jwk: publicJwk })
      .setIssuedAt()
      .sign(privateKey);
  const client = await machineOf(described);
  const ask = async (more?: Record<string, string>) => {
    const DPoP = await proof('POST', outputs.token_endpoint, more);
    return post(outputs.token_endpoint, { grant_type: 'client_credentials' }, { ...basic(client), DPoP });
  };
  const nonce = (await ask()).headers.get('dpop-nonce') ?? '';
  const answer = await ask({ nonce });
  const token: string = answer.body.access_token;
  const ath = createHash('sha256').update(token).digest('base64url');
  const issues = `${outputs.api_url}/issues`;
  const headers = { authorization: `DPoP ${token}`, DPoP: await proof('GET', issues, { ath }) };
  return [answer, await call('GET', issues, { headers })];
}

/** A browser in which a new user is signed in who has set up a second factor by themself. */
export async function browserWithSecondFactor({ outputs, admin }: Described) {
  const user = await newUser(outputs, admin);
  const browser = new Browser();
  const own = await browser.open(`${outputs.issuer}/t/${outputs.tenant}/second-factor`);
  const { username, password } = user;
  const signedIn = await browser.submit(own, { username, password });
  const choice = await browser.submit(signedIn, { action: 'add' });
  const link = choice.document.querySelectorAll('a').find(({ text }) => text.includes('authenticator app'));
  const setUp = await browser.open(new URL(link?.getAttribute('href') ?? '', choice.url).href);
  const secret = /Key:\s*([A-Z2-7 ]+)/.exec(setUp.document.text)?.[1]?.replaceAll(' ', '') ?? '';
  await browser.submit(setUp, { code: new TOTP({ secret }).generate() });
  return { browser, user };
}
