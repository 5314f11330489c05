import * as z from 'zod/mini';
import { tenantOfClientId } from '../entities/identifiers.ts';
import { type AdminApi, ManagerRefused, refused, WorkloadFailure } from './admin-api.ts';
import { credentialsText, newClientSecret, parseCredentials, type SecretVersions } from './workload-credentials.ts';

/** An integration as a stack declares it, in the admin API's words. */
export interface DeclaredIntegration {
  readonly name: string;
  readonly description?: string | undefined;
  readonly rights: readonly string[];
  readonly grant_types: readonly string[];
  readonly redirect_uris: readonly string[];
}

/** Which resource of which stack declares it. */
export interface DeclaredBy {
  readonly stackId: string;
  readonly logicalId: string;
}

export interface AppIntegrationPorts {
  readonly api: AdminApi;
  /** Where the workload finds the credentials. */
  readonly versions: SecretVersions;
  readonly tokenEndpoint: string;
  /** How long a secret stays good beside its successor, in seconds. */
  readonly overlapSeconds: number;
}

const made = z.object({ client_id: z.string(), client_secret: z.optional(z.string()) });
const page = z.object({
  items: z.array(z.object({ client_id: z.string(), name: z.string() })),
  next_cursor: z.optional(z.nullable(z.string())),
});

/** The last line of the description: by it a stack knows its integration again, and a reader learns not to change it. */
const markOf = ({ stackId, logicalId }: DeclaredBy) => `Kept by CloudFormation: ${logicalId} of ${stackId}`;

function bodyOf({ description, ...declared }: DeclaredIntegration, by: DeclaredBy): object {
  return { ...declared, description: [description, markOf(by)].filter((line) => line !== undefined).join('\n') };
}

/**
 * Makes the integration, and leaves its credentials in the secret. Repeated, after it was cut off anywhere, it finds the
 * one that it made.
 *
 * @returns the client id
 * @throws WorkloadFailure; where the name is another's too
 */
export async function createAppIntegration(
  ports: AppIntegrationPorts,
  declared: DeclaredIntegration,
  by: DeclaredBy,
): Promise<string> {
  const answer = await ports.api('POST', '/integrations', bodyOf(declared, by));
  if (answer.status === 409) {
    const found = await findMade(ports.api, declared.name, by);
    if (found === undefined) throw refused(`creating the integration ${declared.name}`, answer);
    return changeAppIntegration(ports, found, declared, by);
  }
  const created = z.safeParse(made, answer.body);
  if (answer.status !== 201 || !created.success) throw refused(`creating the integration ${declared.name}`, answer);
  const { client_id: clientId, client_secret: clientSecret } = created.data;
  if (clientSecret === undefined) throw new WorkloadFailure('the integration was made without a secret');
  await keep(ports, clientId, clientSecret);
  return clientId;
}

/**
 * Makes the integration what the stack now declares; one that somebody deleted is made anew, under another client id.
 *
 * @returns the client id
 */
export async function changeAppIntegration(
  ports: AppIntegrationPorts,
  clientId: string,
  declared: DeclaredIntegration,
  by: DeclaredBy,
): Promise<string> {
  const answer = await ports.api('PATCH', `/integrations/${clientId}`, bodyOf(declared, by));
  if (answer.status === 404) return createAppIntegration(ports, declared, by);
  if (answer.status !== 200) throw refused(`changing the integration ${declared.name}`, answer);
  await ensureKept(ports, clientId);
  return clientId;
}

/**
 * Deletes the integration; that it is gone already is success.
 *
 * @param physicalId the client id, or whatever CloudFormation made up for a creation that never answered
 */
export async function deleteAppIntegration(
  { api }: Pick<AppIntegrationPorts, 'api'>,
  physicalId: string,
  name: string,
  by: DeclaredBy,
): Promise<void> {
  const clientId = tenantOfClientId(physicalId) === undefined ? await madeWithoutAnswer(api, name, by) : physicalId;
  if (clientId === undefined) return;
  const answer = await api('DELETE', `/integrations/${clientId}`);
  if (answer.status !== 204 && answer.status !== 404) throw refused(`deleting the integration ${clientId}`, answer);
}

/** What a creation that failed left behind; nothing where the manager's credentials were what it failed for. */
function madeWithoutAnswer(api: AdminApi, name: string, by: DeclaredBy): Promise<string | undefined> {
  return findMade(api, name, by).catch((error: unknown) => {
    if (error instanceof ManagerRefused) return undefined;
    throw error;
  });
}

/** The integration of this name, if it is the one that this resource of this stack made. */
async function findMade(api: AdminApi, name: string, by: DeclaredBy): Promise<string | undefined> {
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }) });
    const answer = await api('GET', `/integrations?${query}`);
    const list = z.safeParse(page, answer.body);
    if (answer.status !== 200 || !list.success) throw refused('listing the integrations', answer);
    const found = list.data.items.find((item) => item.name === name);
    if (found !== undefined) return (await isMadeBy(api, found.client_id, by)) ? found.client_id : undefined;
    cursor = list.data.next_cursor;
  } while (cursor);
  return undefined;
}

async function isMadeBy(api: AdminApi, clientId: string, by: DeclaredBy): Promise<boolean> {
  const { status, body } = await api('GET', `/integrations/${clientId}`);
  const details = z.safeParse(z.object({ description: z.optional(z.string()) }), body);
  const description = details.success ? details.data.description : undefined;
  return status === 200 && description?.split('\n').at(-1) === markOf(by);
}

/** Sees that the secret holds credentials of this integration: what was cut off may have left none, or another's. */
async function ensureKept(ports: AppIntegrationPorts, clientId: string): Promise<void> {
  const text = await ports.versions.read('AWSCURRENT');
  if (text !== undefined && parseCredentials(text).client_id === clientId) return;
  const request = { clientId, kept: undefined, expireOthersIn: ports.overlapSeconds };
  const clientSecret = await newClientSecret(ports.api, request);
  if (clientSecret !== undefined) await keep(ports, clientId, clientSecret);
}

async function keep(
  { versions, tokenEndpoint }: AppIntegrationPorts,
  clientId: string,
  clientSecret: string,
): Promise<void> {
  await versions.write(credentialsText({}, { clientId, clientSecret, tokenEndpoint }), 'AWSCURRENT');
}
