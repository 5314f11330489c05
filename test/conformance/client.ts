import type { Outputs } from './running-deployment.ts';

/** An answer, its body parsed where it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads members of answers whose shape it is checking.
  readonly body: any;
  readonly text: string;
}

/** One HTTP request; the body is sent as JSON unless it is a string, or form parameters. */
export async function call(
  method: string,
  url: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const form = options.body instanceof URLSearchParams;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      ...(options.body !== undefined && !form && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body !== undefined && {
      body: form || typeof options.body === 'string' ? (options.body as string) : JSON.stringify(options.body),
    }),
  });
  const text = await response.text();
  const json = /[/+]json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined };
}

/** The credentials of an integration. */
export interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
}

/** Asks the token endpoint with client_secret_basic. */
export function requestToken(
  outputs: Outputs,
  { client_id, client_secret }: Credentials,
  parameters: Record<string, string> = {},
): Promise<Reply> {
  return call('POST', outputs.token_endpoint, {
    body: new URLSearchParams({ grant_type: 'client_credentials', ...parameters }),
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
  });
}

/** A token of the integration; throws where none is given. */
export async function tokenOf(outputs: Outputs, credentials: Credentials, parameters = {}): Promise<string> {
  const reply = await requestToken(outputs, credentials, parameters);
  if (reply.status !== 200) throw new Error(`no token: ${reply.status} ${reply.text}`);
  return reply.body.access_token;
}

let names = 0;

/** A name that no other test uses. */
export const freshName = (word = 'Integration') => `${word} ${process.pid} ${Date.now()} ${++names}`;

/** A project key that no other test uses. */
export const freshProjectKey = () =>
  `P${(Date.now() % 36 ** 5).toString(36).toUpperCase()}${(++names % 36 ** 2).toString(36).toUpperCase().padStart(2, '0')}`;

/** A new integration of the bootstrap administrator with these rights. */
export async function createIntegration(
  outputs: Outputs,
  admin: string,
  rights: readonly string[],
  members: Record<string, unknown> = {},
): Promise<Reply['body'] & Credentials> {
  const reply = await call('POST', `${outputs.admin_url}/integrations`, {
    token: admin,
    body: { name: freshName(), rights, ...members },
  });
  if (reply.status !== 201) throw new Error(`not created: ${reply.status} ${reply.text}`);
  return reply.body;
}
