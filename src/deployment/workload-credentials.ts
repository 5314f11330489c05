import * as z from 'zod/mini';
import { tenantOfClientId } from '../entities/identifiers.ts';
import { type AdminApi, refused, WorkloadFailure } from './admin-api.ts';

/** A workload's credentials as its secret holds them, `{"tenant","client_id","client_secret","token_endpoint"}`. */
const stored = z
  .looseObject({ client_id: z.string(), client_secret: z.string() })
  .check(z.refine((held) => tenantOfClientId(held.client_id) !== undefined));

export type WorkloadCredentials = z.infer<typeof stored>;

/** The versions of a secret in Secrets Manager. */
export interface SecretVersions {
  /** The staging labels of each version that has some. */
  stages(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** The text of a version with a staging label; undefined where there is none. */
  read(stage: string, versionId?: string): Promise<string | undefined>;
  /** Writes a version's text once: false where the version has another one already. */
  write(text: string, stage: string, versionId?: string): Promise<boolean>;
  moveStage(stage: string, move: { readonly to?: string; readonly from?: string | undefined }): Promise<void>;
}

/** @throws WorkloadFailure for a text that is no workload's credentials; nothing of it is repeated */
export function parseCredentials(text: string): WorkloadCredentials {
  const held = z.safeParse(stored, parsedJson(text));
  if (!held.success)
    throw new WorkloadFailure('the secret does not hold client_id and client_secret of an integration');
  return held.data;
}

/** What the secret is to hold; members that somebody else added stay. */
export function credentialsText(
  former: Readonly<Record<string, unknown>>,
  held: { readonly clientId: string; readonly clientSecret: string; readonly tokenEndpoint: string },
): string {
  return JSON.stringify({
    ...former,
    tenant: tenantOfClientId(held.clientId),
    client_id: held.clientId,
    client_secret: held.clientSecret,
    token_endpoint: held.tokenEndpoint,
  });
}

const added = z.object({ client_secret: z.string() });
const listed = z.object({
  items: z.array(z.object({ id: z.string(), last_four: z.string() })),
});

export interface NewSecretRequest {
  readonly clientId: string;
  /** Seconds until the secrets before it run out. */
  readonly expireOthersIn: number;
  /** The secret that must go on working until then; undefined where there is none. */
  readonly kept: string | undefined;
  /** Asked before a secret is revoked: whether somebody else has meanwhile done what this call is about. */
  readonly isDone?: () => Promise<boolean>;
}

/**
 * A new secret of an integration; the others run out in one call with it. An integration has two live secrets at most:
 * where there are two, one is of a rotation that was cut off before it could keep it, or of one so recent that its
 * predecessor still lives; every secret but the kept one is then revoked first.
 *
 * @returns undefined where somebody else did it meanwhile
 * @throws WorkloadFailure
 */
export async function newClientSecret(api: AdminApi, request: NewSecretRequest): Promise<string | undefined> {
  const { clientId, kept, expireOthersIn, isDone } = request;
  const path = `/integrations/${clientId}/secrets`;
  const add = () => api('POST', path, { expire_others_in: expireOthersIn });
  let answer = await add();
  if (answer.status === 409) {
    if (await isDone?.()) return undefined;
    for (const id of await otherSecrets(api, path, kept)) {
      const revoked = await api('DELETE', `${path}/${id}`);
      if (revoked.status !== 204 && revoked.status !== 404) throw refused('revoking a former secret', revoked);
    }
    answer = await add();
  }
  const made = z.safeParse(added, answer.body);
  if (answer.status !== 201 || !made.success) throw refused('adding a secret', answer);
  return made.data.client_secret;
}

async function otherSecrets(api: AdminApi, path: string, kept: string | undefined): Promise<readonly string[]> {
  const answer = await api('GET', `${path}?limit=100`);
  const found = z.safeParse(listed, answer.body);
  if (answer.status !== 200 || !found.success) throw refused('listing the secrets', answer);
  const lastFour = kept?.slice(-4);
  return found.data.items.filter((secret) => secret.last_four !== lastFour).map(({ id }) => id);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
