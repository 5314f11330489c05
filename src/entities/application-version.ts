import { isDeepStrictEqual } from 'node:util';
import type {
  Application,
  ApplicationSettings,
  ApplicationVersion,
  OfferedTo,
  PublishedApplication,
} from './application.ts';
import { maximumChangedTenants } from './application.ts';
import { askedRights, type Implications } from './asked-rights.ts';
import { Conflict, InvalidInput } from './errors.ts';
import { grantFaults } from './grant-type.ts';
import { foldedName } from './integration-name.ts';

/** Who publishes, from which tenant, and when. */
export interface Publication {
  readonly tenant: string;
  /** The tenant's name. */
  readonly publisher: string;
  /** The token's user, else its client. */
  readonly subject: string;
  /** ISO 8601 */
  readonly at: string;
  /** Which rights include which, as the catalogue has it. */
  readonly implications: Implications;
}

/** A change of what a developer says: absent members stay, and null takes one away. */
export type ApplicationChange = {
  readonly [Member in keyof ApplicationSettings]?: ApplicationSettings[Member] | null | undefined;
};

/**
 * A new application in its first version.
 *
 * @throws InvalidInput for a name of which nothing can be seen and for settings that do not go together
 */
export function newApplication(
  id: string,
  settings: ApplicationSettings,
  tenants: OfferedTo,
  { tenant, publisher, subject, at, implications }: Publication,
): PublishedApplication {
  mustBePublishable(settings);
  const version = 1;
  return {
    application: {
      ...{ tenant, id, name: settings.name, publisher, status: 'published', version, changedIn: version },
      rights: askedRights({}, Object.keys(settings.reasons), version, implications),
      approval: tenants === 'all' ? 'waiting' : 'none',
      createdAt: at,
      revision: 1,
    },
    version: { ...settings, tenant, id, version, publishedAt: at, publishedBy: subject },
    tenants,
  };
}

/**
 * The application with what a developer changed. What is said of it makes a new version; whom it is offered to does not,
 * because nobody accepts that. Many tenants are come to in several such changes, see {@link nextOffer}: the same change of
 * what this one made makes the next.
 *
 * @param tenants absent: as they are
 * @returns undefined where nothing is different
 * @throws Conflict where it is withdrawn or banned; InvalidInput as {@link newApplication}
 */
export function changedApplication(
  before: PublishedApplication,
  change: ApplicationChange,
  tenants: OfferedTo | undefined,
  publication: Publication,
): PublishedApplication | undefined {
  if (before.application.status !== 'published')
    throw new Conflict(`The application is ${before.application.status}: nothing of it changes any more.`);
  const after = offered(republished(before, change, publication), tenants ?? before.tenants);
  return after === before ? undefined : after;
}

/** What of a version is the developer's to say. */
function settingsOf(version: ApplicationVersion): ApplicationSettings {
  const { tenant: _, id: _id, version: _version, publishedAt: _at, publishedBy: _by, ...settings } = version;
  return settings;
}

function republished(before: PublishedApplication, change: ApplicationChange, publication: Publication) {
  const was = settingsOf(before.version);
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...was, ...Object.fromEntries(given) }).filter(([, value]) => value !== null);
  const settings = Object.fromEntries(merged) as unknown as ApplicationSettings;
  if (isDeepStrictEqual(settings, was)) return before;
  mustBePublishable(settings);
  const { tenant, id } = before.application;
  const version = before.application.version + 1;
  const { at, subject, publisher, implications } = publication;
  const next: ApplicationVersion = { ...settings, tenant, id, version, publishedAt: at, publishedBy: subject };
  const application: Application = {
    ...before.application,
    name: settings.name,
    publisher,
    version,
    ...(changedMembers(before.version, next).length > 0 && { changedIn: version }),
    rights: askedRights(before.application.rights, Object.keys(settings.reasons), version, implications),
  };
  return { ...before, application, version: next };
}

/** Offered to all, it waits for the operator; an approval that was given stays as long as it is. */
function offered(before: PublishedApplication, wanted: OfferedTo): PublishedApplication {
  if (isDeepStrictEqual(asSet(before.tenants), asSet(wanted))) return before;
  const tenants = nextOffer(before.tenants, wanted);
  const approval = tenants === 'all' ? 'waiting' : 'none';
  return { ...before, application: { ...before.application, approval }, tenants };
}

const asSet = (tenants: OfferedTo) => (tenants === 'all' ? tenants : new Set(tenants));

function mustBePublishable(settings: ApplicationSettings): void {
  const faults = [
    ...(foldedName(settings.name) === '' ? [{ pointer: '/name', detail: 'must show a letter or a digit' }] : []),
    ...grantFaults({ ...settings, jwks: [] }),
  ];
  if (faults.length > 0) throw new InvalidInput(faults);
}

/** The tenants that one offer names and the other does not. */
export function tenantsAdded(before: OfferedTo, after: OfferedTo): readonly string[] {
  if (after === 'all') return [];
  const known = new Set(before === 'all' ? [] : before);
  return after.filter((tenant) => !known.has(tenant));
}

/**
 * Whom an application is offered to next on the way to `wanted`: as many changes as one transaction takes, those that are
 * to be taken away first. Each step is whole: at no time is it offered to anybody whom it does not name.
 */
export function nextOffer(before: OfferedTo, wanted: OfferedTo): OfferedTo {
  const [gone, added] = [tenantsAdded(wanted, before), tenantsAdded(before, wanted)];
  if (gone.length + added.length <= maximumChangedTenants) return wanted;
  const away = new Set(gone.slice(0, maximumChangedTenants));
  const kept = before === 'all' ? [] : before.filter((tenant) => !away.has(tenant));
  return [...kept, ...added.slice(0, maximumChangedTenants - away.size)];
}

/** What waits for acceptance besides rights, by the contract's names. */
const waiting = {
  name: 'name',
  logo: 'logo',
  home_page: 'homePage',
  redirect_uris: 'redirectUris',
  post_logout_redirect_uris: 'postLogoutRedirectUris',
  backchannel_logout_uri: 'backchannelLogoutUri',
  grant_types: 'grantTypes',
  token_endpoint_auth_method: 'tokenEndpointAuthMethod',
  application_type: 'applicationType',
  endpoint: 'endpoint',
} as const satisfies Record<string, keyof ApplicationSettings>;

/** A member whose change waits for acceptance, as the contract names it. */
export type ChangedMember = keyof typeof waiting;

/** The members of a version in which it asks to be accepted again, against an earlier one; rights aside. */
export function changedMembers(from: ApplicationSettings, to: ApplicationSettings): readonly ChangedMember[] {
  return (Object.keys(waiting) as ChangedMember[]).filter((name) => {
    const member = waiting[name];
    return !isDeepStrictEqual(unordered(from[member]), unordered(to[member]));
  });
}

const unordered = (value: unknown) => (Array.isArray(value) ? [...value].sort() : value);

/** What a publication changed, for the audit log: names of members, and of rights. */
export function publicationChanges(from: ApplicationVersion, to: ApplicationVersion) {
  const [was, is] = [Object.keys(from.reasons), Object.keys(to.reasons)];
  return {
    version: to.version,
    changed: changedMembers(from, to),
    rights: {
      added: is.filter((right) => !was.includes(right)),
      removed: was.filter((right) => !is.includes(right)),
    },
  };
}
