import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `npm start` writes for programs, as far as it is read here. */
export interface Outputs {
  readonly issuer: string;
  /** Another one where the deployment began anew. */
  readonly tenant: string;
  readonly token_endpoint: string;
  readonly admin_url: string;
  readonly api_url: string;
  readonly admin: { readonly client_id: string; readonly client_secret: string };
  readonly project: string;
}

/** The app's own credentials. */
export interface Registration {
  readonly client_id: string;
  readonly client_secret: string;
}

/** What the app asks for; what the user lacks, it does not get. */
export const rights = ['issues:read', 'issues:write', 'projects:read'];

/** @throws Error where no local deployment ever ran */
export async function readOutputs(folder: string): Promise<Outputs> {
  try {
    return JSON.parse(await readFile(join(folder, 'outputs.json'), 'utf8'));
  } catch {
    throw new Error(`${folder}/outputs.json cannot be read`);
  }
}

/**
 * Registers the app with the bootstrap administrator's credentials, once; its own are kept beside the data of the deployment. A
 * real app's would be given to it by an administrator.
 */
export async function registration(outputs: Outputs, folder: string, origin: string): Promise<Registration> {
  const file = join(folder, 'sample-app.json');
  const kept = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
  if (kept?.issuer === outputs.issuer && kept.tenant === outputs.tenant && kept.origin === origin) return kept;
  const token = await administratorToken(outputs);
  // Where an earlier registration was lost, its name is still taken.
  let response = await register(outputs, token, origin, 'Sample app');
  for (let number = 2; response.status === 409; number++)
    response = await register(outputs, token, origin, `Sample app ${number}`);
  if (!response.ok) throw new Error(`the app could not be registered: ${response.status} ${await response.text()}`);
  const { client_id, client_secret } = (await response.json()) as Registration;
  const made = { issuer: outputs.issuer, tenant: outputs.tenant, origin, client_id, client_secret };
  await writeFile(file, JSON.stringify(made, null, 2), { mode: 0o600 });
  return made;
}

function register(outputs: Outputs, token: string, origin: string, name: string): Promise<Response> {
  return fetch(`${outputs.admin_url}/integrations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name,
      description: 'Signs you in and shows the issues of the demonstration project.',
      // What runs on somebody's own machine is redirected to http on a loopback address (RFC 8252 §7.3).
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${origin}/callback`],
      post_logout_redirect_uris: [`${origin}/`],
      rights,
    }),
  });
}

async function administratorToken({ token_endpoint: endpoint, admin }: Outputs): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${admin.client_id}:${admin.client_secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  if (!response.ok) throw new Error(`the administrator was refused a token: ${response.status}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
