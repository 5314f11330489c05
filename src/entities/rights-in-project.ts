import type { Telling } from './standing.ts';

/** What an integration holds in a project, globally or there, and when it may be told of what happens there. */
export interface HeldInProject {
  /** The granted rights, also while the tenant is suspended; none where integration or application stand in the way. */
  readonly rights: readonly string[];
  readonly telling: Telling;
}

/** What integrations hold in one project, as it counts now. */
export interface RightsInProject {
  /** By client id; nothing of integrations or projects that are gone. At most 45 integrations in one call. */
  of(tenant: string, project: string, clientIds: readonly string[]): Promise<ReadonlyMap<string, HeldInProject>>;
}
