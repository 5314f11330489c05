/** What integrations hold in one project, globally or there, as it counts now. */
export interface RightsInProject {
  /**
   * The granted rights by client id; none where the integration, its tenant, its application or the project stands in the
   * way, or is gone. At most 45 integrations in one call.
   */
  of(tenant: string, project: string, clientIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}
