/** What of an application every decision on its connections' tokens needs. */
export interface ApplicationStanding {
  /** `withdrawn` by its developer, `banned` by the platform operator: its connections are stopped everywhere. */
  readonly status: 'published' | 'withdrawn' | 'banned';
  /** The rights that its latest version asks for, by name. */
  readonly rights: Readonly<Record<string, RightAskedFor>>;
}

/** A right that an application asks for. */
export interface RightAskedFor {
  /** Why, in its developer's words. */
  readonly reason: string;
  /** The version since which every one has asked for it: who accepted an earlier one has not accepted this right. */
  readonly since: number;
}

/** The application that an integration was made for, and what of it the tenant has accepted. */
export interface AcceptedApplication {
  /** `app_…` */
  readonly id: string;
  readonly acceptedVersion: number;
}
