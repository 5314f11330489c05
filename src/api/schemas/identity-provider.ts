import * as z from 'zod/mini';
import type { FederatedIdentity } from '../../entities/federated-identity.ts';
import { type IdentityProvider, redirectUriOf, tenantOfIdentityProvider } from '../../entities/identity-provider.ts';
import { line } from './line.ts';
import { must } from './messages.ts';

/** A provider's id. */
export const identityProviderId = z
  .string({ error: must('a string') })
  .check(z.refine((id) => tenantOfIdentityProvider(id) !== undefined, 'must be the id of an identity provider'));

/** A link's id. */
export const federatedIdentityId = z.string().check(z.regex(/^fid_[0-9A-Za-z]{22}$/));

/** What is sent to providers as it is: visible ASCII and spaces, in between at most (RFC 6749 appendix A). */
const visible = (longest: number) =>
  z
    .string({ error: must('a string') })
    .check(
      z.regex(
        new RegExp(`^[\\x21-\\x7e](?:[\\x20-\\x7e]{0,${longest - 2}}[\\x21-\\x7e])?$`),
        `must be 1 to ${longest} visible characters of ASCII`,
      ),
    );

const issuer = z.string({ error: must('a string') }).check(
  z.maxLength(1000, 'must be at most 1,000 characters'),
  z.refine((text) => URL.canParse(text) && !text.includes('?'), 'must be an absolute URL without a query'),
  z.meta({ format: 'uri' }),
);

const claim = z
  .string({ error: must('the name of a claim') })
  .check(z.regex(/^[\x21-\x7e]{1,200}$/, 'must be the name of a claim'));

const claimMapping = z.strictObject(
  { username: z.optional(claim), email: z.optional(claim), name: z.optional(claim) },
  { error: must('an object') },
);

const domain = z
  .string({ error: must('a domain') })
  .check(
    z.toLowerCase(),
    z.regex(
      /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      'must be a domain, such as example.com',
    ),
  );

const unique = (values: readonly unknown[]) => new Set(values).size === values.length;

const allowedEmailDomains = z
  .array(domain, { error: must('a list of domains') })
  .check(z.maxLength(100, 'must name at most 100 domains'), z.refine(unique, 'must name each domain once'));

const roles = z
  .array(z.enum(['developer', 'member'], { error: must('"developer" or "member"') }), {
    error: must('a list of roles'),
  })
  .check(z.minLength(1, 'must name at least one role'), z.refine(unique, 'must name each role once'));

const status = z.enum(['active', 'disabled'], { error: must('"active" or "disabled"') });
const createUsers = z.boolean({ error: must('true or false') });

const settings = {
  claim_mapping: z.optional(claimMapping),
  allowed_email_domains: z.optional(allowedEmailDomains),
  create_users: z.optional(createUsers),
  roles: z.optional(roles),
  status: z.optional(status),
};

/** What a provider is registered with. */
export const identityProviderCreation = z.strictObject(
  { name: line, issuer, client_id: visible(1000), client_secret: visible(2000), ...settings },
  { error: must('an object') },
);

/** What may be changed; absent members stay. The issuer does not change: links are by issuer and subject. */
export const identityProviderChange = z.strictObject(
  {
    name: z.optional(line),
    client_id: z.optional(visible(1000)),
    client_secret: z.optional(visible(2000)),
    ...settings,
  },
  { error: must('an object') },
);

const timestamp = z.string().check(z.meta({ format: 'date-time' }));

/** A provider as it is answered, never with its secret. */
export const identityProviderAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  issuer: z.string(),
  client_id: z.string(),
  redirect_uri: z.string().check(z.meta({ format: 'uri' })),
  claim_mapping: z.strictObject({ username: z.string(), email: z.string(), name: z.string() }),
  allowed_email_domains: z.array(z.string()),
  create_users: z.boolean(),
  roles: z.array(z.enum(['developer', 'member'])),
  status,
  created_at: timestamp,
});

/** @param ourIssuer the deployment's: what redirect URIs are below */
export function identityProviderBody(
  provider: IdentityProvider,
  ourIssuer: string,
): z.output<typeof identityProviderAnswer> {
  return {
    id: provider.id,
    name: provider.name,
    issuer: provider.issuer,
    client_id: provider.clientId,
    redirect_uri: redirectUriOf(ourIssuer, provider),
    claim_mapping: { ...provider.claimMapping },
    allowed_email_domains: [...provider.allowedEmailDomains],
    create_users: provider.createUsers,
    roles: [...provider.roles],
    status: provider.status,
    created_at: provider.createdAt,
  };
}

/** Whom a user is linked to; the subject is at most 255 characters of ASCII (OIDC Core §2). */
export const federatedIdentityCreation = z.strictObject(
  { identity_provider: identityProviderId, subject: visible(255) },
  { error: must('an object') },
);

/** A link as it is answered. */
export const federatedIdentityAnswer = z.strictObject({
  id: z.string(),
  identity_provider: z.string(),
  issuer: z.string(),
  subject: z.string(),
  created_at: timestamp,
});

/** The answer's form of a link. */
export function federatedIdentityBody(identity: FederatedIdentity): z.output<typeof federatedIdentityAnswer> {
  const { id, providerId, issuer, subject, createdAt } = identity;
  return { id, identity_provider: providerId, issuer, subject, created_at: createdAt };
}
