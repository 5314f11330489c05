import type { AskedRights } from './asked-rights.ts';
import type { AuditEvent } from './audit-event.ts';
import type { IntegrationSettings } from './integration-settings.ts';

/** What of an application every decision on its connections' tokens needs. */
export interface ApplicationStanding {
  /** `withdrawn` by its developer, `banned` by the platform operator: its connections are stopped everywhere. */
  readonly status: 'published' | 'withdrawn' | 'banned';
  /** What its latest version asks for. */
  readonly rights: AskedRights;
}

/** The application that an integration was made for, and what of it the tenant has accepted. */
export interface AcceptedApplication {
  /** `app_…` */
  readonly id: string;
  readonly acceptedVersion: number;
  /** What the accepted version asks for: the integration has nothing else. */
  readonly rights: AskedRights;
  /** The latest version that was declined after that; it is not asked again. */
  readonly declinedVersion?: number | undefined;
}

/**
 * What a developer registers once and offers to tenants. One small item, because every decision on its connections'
 * tokens reads it; what people are shown is in its versions.
 */
export interface Application extends ApplicationStanding {
  /** The developer's. */
  readonly tenant: string;
  /** `app_…`, with the tenant's own part in it. */
  readonly id: string;
  /** As its latest version has it. */
  readonly name: string;
  /** What the developer's tenant was called when the latest version was published. */
  readonly publisher: string;
  /** The latest version; the first is 1. */
  readonly version: number;
  /** The latest version that changed, against the one before, what waits for acceptance besides rights. */
  readonly changedIn: number;
  /** Whether it is offered to all tenants, and whether the platform operator has approved of that. */
  readonly approval: 'none' | 'waiting' | 'approved';
  readonly createdAt: string;
  /** Counts changes; each is conditional on the one it was decided on. */
  readonly revision: number;
}

/** What a developer says of an application; a version is this, and never changes. */
export interface ApplicationSettings
  extends Pick<
    IntegrationSettings,
    | 'name'
    | 'grantTypes'
    | 'tokenEndpointAuthMethod'
    | 'applicationType'
    | 'redirectUris'
    | 'postLogoutRedirectUris'
    | 'backchannelLogoutUri'
  > {
  readonly description?: string | undefined;
  /** A `data:` URI of a PNG, JPEG or WebP image. */
  readonly logo?: string | undefined;
  readonly homePage?: string | undefined;
  /** Where its connections are told of events, and how they know that it is us. */
  readonly endpoint?: ApplicationEndpoint | undefined;
  /** Why it asks for each right, in its developer's words. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** The endpoint that connections are made with. */
export interface ApplicationEndpoint {
  readonly uri: string;
  readonly verification: 'public_key';
}

/** One publication of an application. */
export interface ApplicationVersion extends ApplicationSettings {
  readonly tenant: string;
  /** The application's id. */
  readonly id: string;
  readonly version: number;
  readonly publishedAt: string;
  /** The token's user, else its client: of the developer's tenant, and shown there alone. */
  readonly publishedBy: string;
}

/** The tenants that an application is offered to: by their ids, or all. */
export type OfferedTo = readonly string[] | 'all';

/** The most tenants that an application names; more are offered it as everybody is. */
export const maximumNamedTenants = 500;

/** The most tenants that one transaction adds and takes away together; for more there are several. */
export const maximumChangedTenants = 80;

/** An application with all that its developer sees. */
export interface PublishedApplication {
  readonly application: Application;
  readonly version: ApplicationVersion;
  readonly tenants: OfferedTo;
}

/** What of it a tenant that connects is shown; whom else it is offered to is not its concern. */
export type LatestVersion = Pick<PublishedApplication, 'application' | 'version'>;

/** Stores applications. */
export interface ApplicationStore {
  /** The application, its latest version and whom it is offered to; of whichever tenant the id is. */
  get(id: string): Promise<PublishedApplication | undefined>;
  /** The same without the version, in one round trip. */
  offer(id: string): Promise<Omit<PublishedApplication, 'version'> | undefined>;
  /** Versions that exist among those asked for, in no order, in one round trip. */
  versions(id: string, numbers: readonly number[]): Promise<readonly ApplicationVersion[]>;
  /** Newest first; `after` is the number of the last seen. */
  listVersions(
    id: string,
    page: { readonly limit: number; readonly after?: number },
  ): Promise<{ readonly items: readonly ApplicationVersion[]; readonly last?: number }>;
  /** The tenant's own, in the order of ids. */
  list(tenant: string, page: ApplicationPageQuery): Promise<ApplicationPage>;
  /** Those that wait for the platform operator, in the order of ids. */
  waiting(page: ApplicationPageQuery): Promise<ApplicationPage>;
  /** Nobody sees anything of it before the last of its transactions: after a failure there is no application. */
  create(published: PublishedApplication, events: readonly AuditEvent[]): Promise<void>;
  /**
   * Writes what changed: the application always, a version where it is new, offers where they differ.
   *
   * @returns what is stored now
   * @throws ConcurrentChange where `before` is no longer what is stored
   */
  update(
    before: PublishedApplication,
    after: PublishedApplication,
    events: readonly AuditEvent[],
  ): Promise<PublishedApplication>;
}

export interface ApplicationPageQuery {
  readonly limit: number;
  /** The id of the last seen. */
  readonly after?: string;
}

export interface ApplicationPage {
  readonly items: readonly Application[];
  readonly last?: string;
}
