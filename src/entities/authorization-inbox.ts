import type { Integration } from './integration.ts';
import type { RequestedRights } from './requested-rights.ts';

/** What one integration waits for in one context. */
export interface WaitingRights {
  readonly clientId: string;
  /** The project's key; absent: the global context. */
  readonly project?: string | undefined;
  /** By name, all of them pending. */
  readonly rights: RequestedRights;
  /** Where it stands among all that wait in the tenant. */
  readonly position: string;
}

/** Whom a decision is about, as they are now; a connection with what its application asks for now. */
export type WaitingIntegration = Pick<
  Integration,
  'clientId' | 'name' | 'owner' | 'application' | 'credentialsChanged' | 'credentialsSeen'
>;

/** What of the lines of an inbox exists still. */
export interface WaitingParties {
  readonly integrations: ReadonlyMap<string, WaitingIntegration>;
  /** Keys of projects. */
  readonly projects: ReadonlySet<string>;
}

/** What waits for decisions in a tenant, over all its integrations. */
export interface AuthorizationInbox {
  /**
   * One query: the global context first, then the projects in the order of their keys.
   *
   * @param range `from` is the first position that may come; with `projects`, nothing comes that is not of one between
   *   the first and the last of them
   */
  waiting(
    tenant: string,
    range: {
      readonly projects?: readonly string[] | undefined;
      readonly from?: string | undefined;
      readonly limit: number;
    },
  ): Promise<{ readonly items: readonly WaitingRights[]; readonly more: boolean }>;
  /** In one read of at most 100 items, and one more where there are connections among them. */
  parties(tenant: string, clientIds: readonly string[], projects: readonly string[]): Promise<WaitingParties>;
}
