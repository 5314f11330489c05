import { hourOf } from './hour.ts';
import type { Integration } from './integration.ts';

/** When the credentials of an integration last obtained a token, to the hour. */
export interface CredentialUses {
  readonly tenant: string;
  readonly clientId: string;
  readonly uses: readonly CredentialUse[];
  /** Counts changes; each is conditional on the version it was decided on. */
  readonly version: number;
}

/** The last use of one credential. */
export interface CredentialUse {
  /** The id of a secret, or the `kid` of a registered key. */
  readonly credential: string;
  /** ISO 8601, to the hour. */
  readonly at: string;
}

/** An integration as a token request reads it: what is known of its credentials' uses comes along. */
export interface Client extends Integration {
  /** Absent where none was ever used, or nobody asked. */
  readonly credentialUses?: CredentialUses | undefined;
}

/** Reads clients; {@link IntegrationReader} with what is read along. */
export interface ClientReader {
  /**
   * Strongly consistent: one read.
   *
   * @param projects whose rights matter even where there are too many to be listed in the integration's item
   */
  get(tenant: string, clientId: string, projects?: readonly string[]): Promise<Client | undefined>;
}

/** When the credential was last used, as far as that is known. */
export function lastUseOf(known: CredentialUses | undefined, credential: string): string | undefined {
  return known?.uses.find((use) => use.credential === credential)?.at;
}

/**
 * What is to be kept once the credential was used at `now`: one change in an hour, however often it is used. Of
 * credentials that the integration has no more nothing is kept.
 *
 * @returns undefined where this hour is known already
 */
export function usesAfter(
  known: CredentialUses | undefined,
  { tenant, clientId, secrets, jwks }: Integration,
  credential: string,
  now: number,
): CredentialUses | undefined {
  const at = hourOf(now);
  const last = lastUseOf(known, credential);
  if (last !== undefined && last >= at) return undefined;
  const registered = new Set([...secrets.map(({ id }) => id), ...jwks.map(({ kid }) => kid)]);
  const others = (known?.uses ?? []).filter((use) => use.credential !== credential && registered.has(use.credential));
  return { tenant, clientId, uses: [...others, { credential, at }], version: (known?.version ?? 0) + 1 };
}

/** Keeps the uses of credentials. */
export interface CredentialUseStore {
  get(tenant: string, clientId: string): Promise<CredentialUses | undefined>;
  /**
   * Notes that the credential was used at `now` (milliseconds since the epoch), where that hour is not known yet.
   *
   * @throws DependencyUnavailable
   */
  note(client: Client, credential: string, now: number): Promise<void>;
}

/** What is told of a token's credential while the token is signed. Never rejects, and keeps nobody waiting for long. */
export type CredentialUseRecorder = (client: Client, credential: string, now: number) => Promise<void>;
