import { type AdminApi, ManagerRefused, WorkloadFailure } from '../../deployment/admin-api.ts';
import type { WorkloadCredentials } from '../../deployment/workload-credentials.ts';

/** How long an answer of our own APIs may take, in milliseconds. */
const patience = 10_000;

export interface AdminApiOptions {
  readonly tokenEndpoint: string;
  /** Base URL of the admin API. */
  readonly adminUrl: string;
  /** The credentials of the integration in whose name it is called. */
  readonly manager: () => Promise<WorkloadCredentials>;
}

/** The admin API over HTTPS, with one token for all calls. */
export function adminApi({ tokenEndpoint, adminUrl, manager }: AdminApiOptions): AdminApi {
  let token: Promise<string> | undefined;
  return async (method, path, body) => {
    token ??= manager().then((credentials) => managerToken(tokenEndpoint, credentials));
    const response = await reached(`${adminUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  };
}

/**
 * Whether the token endpoint takes the credentials, whatever it would give for them.
 *
 * @throws WorkloadFailure where it cannot say
 */
export async function authenticates(tokenEndpoint: string, credentials: WorkloadCredentials): Promise<boolean> {
  const { status, body } = await askForToken(tokenEndpoint, credentials);
  if (status === 200) return true;
  // RFC 6749 §5.2: a client that may not have the token was authenticated first.
  if (status === 400) return body.error !== 'invalid_client';
  if (status === 401) return false;
  throw new WorkloadFailure(`the token endpoint answered ${status}`);
}

/** A token with everything that the manager holds, in other APIs too: it gives no right that its token does not carry. */
async function managerToken(endpoint: string, credentials: WorkloadCredentials): Promise<string> {
  const { status, body } = await askForToken(endpoint, credentials);
  if (status === 200 && typeof body.access_token === 'string') return body.access_token;
  const refusal = `the manager was refused a token: ${status} ${String(body.error ?? '')}`;
  throw status === 401 ? new ManagerRefused(refusal) : new WorkloadFailure(refusal);
}

async function askForToken(
  endpoint: string,
  { client_id: id, client_secret: secret }: WorkloadCredentials,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const response = await reached(endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const body: unknown = await response.json().catch(() => undefined);
  return { status: response.status, body: typeof body === 'object' && body !== null ? { ...body } : {} };
}

/** The platform team's own URLs, which no tenant chooses. */
async function reached(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(patience) });
  } catch {
    throw new WorkloadFailure(`${new URL(url).origin} could not be reached`);
  }
}
