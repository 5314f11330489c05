import * as z from 'zod/mini';
import type { Application, ApplicationVersion, PublishedApplication } from '../../entities/application.ts';
import { maximumNamedTenants } from '../../entities/application.ts';
import { namesAskedFor } from '../../entities/asked-rights.ts';
import { deviceCodeGrant } from '../../entities/grant-type.ts';
import { isRight, rightOf } from '../rights.ts';
import { clientMetadata, clientMetadataChange } from './client-metadata.ts';
import { description, name, right } from './integration.ts';
import { must } from './messages.ts';
import { pageOf } from './page.ts';
import { logo } from './tenant.ts';

/** What a developer says of an application. Which URIs are acceptable is not decided here. */

const unique = (values: readonly unknown[]) => new Set(values).size === values.length;

/** No flow that OAuth has given up: nobody asks for other tenants' passwords. */
const grantTypes = ['client_credentials', 'authorization_code', 'refresh_token', deviceCodeGrant] as const;

/** No keys of the developer's: every connection has credentials of its own. */
const authMethods = ['client_secret_basic', 'none'] as const;

const homePage = z.string({ error: must('a string') }).check(
  z.maxLength(1024, 'must be of at most 1,024 characters'),
  z.refine((text) => isWebPage(text), 'must be an https URL without user information'),
  z.meta({ format: 'uri' }),
);

function isWebPage(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.protocol === 'https:' && url.username === '' && url.password === '' && !/\s/.test(text);
}

const reason = z
  .string({ error: must('a string') })
  .check(
    z.regex(
      /^(?=.*[^\p{White_Space}\p{Default_Ignorable_Code_Point}])[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,500}$/u,
      'must be 1 to 500 characters on one line, not all of them blank, and none that turns text around',
    ),
  );

const rights = z
  .array(
    z.strictObject(
      {
        right: right.check(
          z.refine(
            (named) => !isRight(named) || !rightOf(named).operatorOnly,
            'is nothing that an application can have',
          ),
        ),
        reason,
      },
      { error: must('a right and the reason for it') },
    ),
    { error: must('a list of rights with reasons') },
  )
  .check(z.refine((asked) => unique(asked.map((each) => each.right)), 'must name each right once'));

/** Ids that no tenant has are as good as others: nobody finds out which exist. */
const tenantId = z
  .string({ error: must("a tenant's id") })
  .check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, "must be a tenant's id"));

const tenants = z.union(
  [
    z.literal('all'),
    z
      .array(tenantId)
      .check(
        z.maxLength(maximumNamedTenants, `must name at most ${maximumNamedTenants} tenants`),
        z.refine(unique, 'must name each tenant once'),
      ),
  ],
  { error: must(`"all", or a list of at most ${maximumNamedTenants} different ids of tenants`) },
);

/** Told to all connections alike, and known to be ours by the deployment's key: no tenant's key reaches a developer. */
const endpoint = z.strictObject(
  {
    uri: z.string({ error: must('a string') }).check(z.maxLength(1024, 'must be of at most 1,024 characters')),
    verification: z.literal('public_key', { error: must('public_key') }),
  },
  { error: must('an object') },
);

const { redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, application_type } = clientMetadata;

const settings = {
  grant_types: z.optional(
    z
      .array(z.enum(grantTypes, `must be one of ${grantTypes.join(', ')}`), { error: must('a list of grant types') })
      .check(
        z.minLength(1, 'must name at least one grant type'),
        z.refine(unique, 'must not name one twice'),
        z.meta({ uniqueItems: true }),
      ),
  ),
  token_endpoint_auth_method: z.optional(z.enum(authMethods, `must be one of ${authMethods.join(', ')}`)),
  application_type,
  redirect_uris,
  post_logout_redirect_uris,
  tenants: z.optional(tenants),
};

/** The body of a registration. */
export const applicationCreation = z.strictObject(
  {
    ...settings,
    name,
    rights,
    description: z.optional(description),
    logo: z.optional(logo),
    home_page: z.optional(homePage),
    backchannel_logout_uri,
    endpoint: z.optional(endpoint),
  },
  { error: must('an object') },
);

/** The body of a change: what is absent stays, and null takes away what has no empty form. */
export const applicationChange = z.strictObject(
  {
    ...settings,
    name: z.optional(name),
    rights: z.optional(rights),
    description: z.optional(z.nullable(description)),
    logo: z.optional(z.nullable(logo)),
    home_page: z.optional(z.nullable(homePage)),
    backchannel_logout_uri: clientMetadataChange.backchannel_logout_uri,
    endpoint: z.optional(z.nullable(endpoint)),
  },
  { error: must('an object') },
);

const timestamp = z.string().check(z.meta({ format: 'date-time' }));
/** Whether its connections work. */
export const status = z.enum(['published', 'withdrawn', 'banned']);
/** Whether it is offered to all tenants. */
export const approval = z.enum(['none', 'waiting', 'approved']);

/** What everybody is shown of a version. */
export const versionShown = {
  name: z.string(),
  description: z.optional(z.string()),
  logo: z.optional(z.string()),
  home_page: z.optional(z.string()),
  grant_types: z.array(z.string()),
  token_endpoint_auth_method: z.string(),
  application_type: z.enum(['web', 'native']),
  redirect_uris: z.array(z.string()),
  post_logout_redirect_uris: z.array(z.string()),
  backchannel_logout_uri: z.optional(z.string()),
  endpoint: z.optional(z.strictObject({ uri: z.string(), verification: z.string() })),
  version: z.int(),
  published_at: timestamp,
};

/** The developer's view. */
export const applicationAnswer = z.strictObject({
  app_id: z.string(),
  status,
  approval,
  tenants: z.union([z.literal('all'), z.array(z.string())]),
  ...versionShown,
  rights: z.array(z.strictObject({ right: z.string(), reason: z.string(), since: z.int() })),
  published_by: z.string(),
  created_at: timestamp,
});

/** A line of the list. */
export const applicationSummary = z.strictObject({
  app_id: z.string(),
  name: z.string(),
  version: z.int(),
  status,
  approval,
  rights: z.array(z.string()),
  created_at: timestamp,
});

export const applicationPage = pageOf(applicationSummary);

/** A publication, as its developer finds it again. */
export const applicationVersionAnswer = z.strictObject({
  ...versionShown,
  rights: z.array(z.strictObject({ right: z.string(), reason: z.string() })),
  published_by: z.string(),
});

export const applicationVersionPage = pageOf(applicationVersionAnswer);

export const connectionState = z.enum(['offered', 'connected', 'awaiting_acceptance', 'declined', 'disabled']);

/** How one tenant stands, as the developer is shown it. */
export const connectionAnswer = z.strictObject({
  tenant: z.string(),
  state: connectionState,
  accepted_version: z.optional(z.int()),
});

export const connectionPage = pageOf(connectionAnswer);

/** The answer's form of what everybody is shown of a version. */
export function versionBody(version: ApplicationVersion) {
  const { description: said, logo: image, homePage: page, backchannelLogoutUri, endpoint: told } = version;
  return {
    name: version.name,
    ...(said !== undefined && { description: said }),
    ...(image !== undefined && { logo: image }),
    ...(page !== undefined && { home_page: page }),
    grant_types: [...version.grantTypes],
    token_endpoint_auth_method: version.tokenEndpointAuthMethod,
    application_type: version.applicationType,
    redirect_uris: [...version.redirectUris],
    post_logout_redirect_uris: [...version.postLogoutRedirectUris],
    ...(backchannelLogoutUri !== undefined && { backchannel_logout_uri: backchannelLogoutUri }),
    ...(told !== undefined && { endpoint: { ...told } }),
    version: version.version,
    published_at: version.publishedAt,
  };
}

/** The rights that a version asks for, and why. */
export const reasonsBody = ({ reasons }: ApplicationVersion) =>
  Object.entries(reasons).map(([asked, why]) => ({ right: asked, reason: why }));

/** The developer's view of an application. */
export function applicationBody({
  application,
  version,
  tenants: offered,
}: PublishedApplication): z.output<typeof applicationAnswer> {
  return {
    app_id: application.id,
    status: application.status,
    approval: application.approval,
    tenants: offered === 'all' ? offered : [...offered],
    ...versionBody(version),
    rights: reasonsBody(version).map((asked) => ({
      ...asked,
      since: application.rights[asked.right]?.since ?? version.version,
    })),
    published_by: version.publishedBy,
    created_at: application.createdAt,
  };
}

/** A line of the developer's list. */
export function applicationSummaryBody(application: Application): z.output<typeof applicationSummary> {
  const { id, name: called, version, status: stands, approval: approved, createdAt } = application;
  return {
    ...{ app_id: id, name: called, version, status: stands, approval: approved },
    rights: namesAskedFor(application.rights),
    created_at: createdAt,
  };
}

/** A publication, for its developer. */
export function applicationVersionBody(version: ApplicationVersion): z.output<typeof applicationVersionAnswer> {
  return { ...versionBody(version), rights: reasonsBody(version), published_by: version.publishedBy };
}
