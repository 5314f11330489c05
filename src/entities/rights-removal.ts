/**
 * A project or an integration that was deleted, and what was asked for in that project, or by that integration in single
 * projects, is to go after it: written with the deletion, and there until nothing of it is left.
 */
export interface RightsRemoval {
  readonly tenant: string;
  readonly of: 'project' | 'integration';
  /** The project's key, or the client id; neither is ever used again. */
  readonly id: string;
  /** When it was deleted; ISO 8601. */
  readonly startedAt: string;
  /** Who deleted it: what goes with it is told of as theirs. */
  readonly by: string;
}

/** For so long the index, by which a project's rights are found, may not know yet of what was written before. */
const indexLagSeconds = 60;

/**
 * Whether everything that was there when it began can be found by now.
 *
 * @param now milliseconds since the epoch
 */
export function isFindable({ of, startedAt }: RightsRemoval, now: number): boolean {
  return of === 'integration' || now >= Date.parse(startedAt) + indexLagSeconds * 1000;
}

/** Stores what is to be removed; stopped anywhere, it is found again. */
export interface RightsRemovals {
  /** What has begun and not ended, the earliest first. */
  begun(page: {
    readonly limit: number;
    readonly after?: RightsRemoval | undefined;
  }): Promise<readonly RightsRemoval[]>;
  /** Client ids of integrations that asked for something in a project, by the index: some may have been withdrawn. */
  askedIn(
    project: { readonly tenant: string; readonly project: string },
    page: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<readonly string[]>;
  /** Removes what an integration that is gone asked for in one project. */
  removeIn(tenant: string, clientId: string, project: string): Promise<void>;
  /**
   * Removes some of what an integration that is gone asked for, in one transaction.
   *
   * @returns whether there may be more
   */
  removeSome(tenant: string, clientId: string): Promise<boolean>;
  /** Nothing is left. */
  finish(removal: RightsRemoval): Promise<void>;
}
