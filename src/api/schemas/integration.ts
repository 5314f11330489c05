import * as z from 'zod/mini';
import { maximumNameLength, namePattern } from '../../entities/name-rule.ts';
import { accessLevels } from '../access.ts';
import { isRight, type RightName } from '../rights.ts';
import { clientMetadata, clientMetadataAnswer, clientMetadataChange } from './client-metadata.ts';
import { context } from './held-rights.ts';
import { pageOf } from './page.ts';

/** What an integration is called. */
export const name = z.string('must be a string').check(
  z.normalize('NFC'),
  z.regex(namePattern, 'must be words of letters, marks and decimal digits with single spaces between them'),
  z.refine((text) => [...text].length <= maximumNameLength, `must be of at most ${maximumNameLength} characters`),
  z.meta({ minLength: 1, maxLength: maximumNameLength }),
);

const maximumDescriptionLength = 1000;
/** What people say of it, on several lines. */
export const description = z.string('must be a string').check(
  z.regex(/^(?:[^\p{Cc}]|[\t\n\r])*$/u, 'must hold no control characters but tabs and line breaks'),
  z.refine(
    (text) => [...text].length <= maximumDescriptionLength,
    `must be of at most ${maximumDescriptionLength} characters`,
  ),
  z.meta({ maxLength: maximumDescriptionLength }),
);

/** One right of the catalogue by its name. */
export const right = z
  .custom<RightName>((value) => typeof value === 'string' && isRight(value), 'must be a right of the catalogue')
  .check(z.meta({ type: 'string', pattern: '^[a-z-]+:[a-z-]+$' }));

const rights = z.array(right, 'must be a list of rights').check(z.maxLength(200, 'holds too many rights'));

const access = z
  .strictObject(
    Object.fromEntries(
      Object.entries(accessLevels).map(([resource, levels]) => [
        resource,
        z.optional(z.enum(levels, `must be ${levels.join(' or ')}`)),
      ]),
    ),
    'must be an object',
  )
  .check(
    z.refine((levels) => Object.keys(levels).length > 0, 'must name at least one resource'),
    z.meta({ minProperties: 1 }),
  );

const settings = {
  description: z.optional(description),
  access: z.optional(access),
  rights: z.optional(rights.check(z.minLength(1, 'must name at least one right'))),
};

/** The body of a creation. */
export const integrationCreation = z.strictObject({ name, ...settings, ...clientMetadata }, 'must be an object').check(
  z.refine((body) => body.access !== undefined || body.rights !== undefined, {
    path: ['access'],
    error: 'one of access and rights is required',
    abort: true,
  }),
);

/**
 * The body of a change: what is absent stays as it is, and `access` and `rights` together are the whole list of rights.
 */
export const integrationChange = z.strictObject(
  { name: z.optional(name), ...settings, ...clientMetadataChange },
  'must be an object',
);

/** The body that replaces the requested rights; an empty list withdraws all. */
export const integrationRights = z.strictObject({ rights }, 'must be an object');

const state = z.enum(['pending', 'granted', 'declined', 'revoked']);
const timestamp = z.string().check(z.meta({ format: 'date-time' }));

/** A line of the list. */
export const integrationSummary = z.strictObject({
  client_id: z.string(),
  name: z.string(),
  status: z.enum(['active', 'disabled']),
  created_at: timestamp,
});

export const integrationPage = pageOf(integrationSummary);

const credentialsTouched = {
  /** When a credential was last added, or it was changed where tokens go, and by whom. */
  credentials_changed_at: z.optional(timestamp),
  credentials_changed_by: z.optional(z.string()),
  /** When somebody who does not own it last read one of its secrets again, and who. */
  credentials_seen_at: z.optional(timestamp),
  credentials_seen_by: z.optional(z.string()),
};

/** The details. */
export const integrationAnswer = z.strictObject({
  client_id: z.string(),
  name: z.string(),
  description: z.optional(z.string()),
  status: z.enum(['active', 'disabled']),
  owner: z.string(),
  ...clientMetadataAnswer,
  access: z.record(z.string(), z.enum(['read', 'full'])),
  rights: z.array(z.strictObject({ right: z.string(), context, state })),
  /** Where its app is told of what happens; `…/endpoint` tells more. */
  endpoint: z.optional(
    z.strictObject({ uri: z.string(), status: z.enum(['active', 'paused']), paused_at: z.optional(timestamp) }),
  ),
  created_at: timestamp,
  ...credentialsTouched,
  /** Absent where tokens come without one (RFC 6749 §4.2). */
  token_request: z.optional(z.strictObject({ curl: z.string() })),
});

/** The details, and the secret where one was made: shown here and at `…/secrets/{id}` only. */
export const createdIntegrationAnswer = z.extend(integrationAnswer, { client_secret: z.optional(z.string()) });

/** A requested right, and what became of it. */
export const requestedRightAnswer = z.strictObject({
  right: z.string(),
  context,
  state,
  requested_by: z.string(),
  requested_at: z.optional(timestamp),
  decided_by: z.optional(z.string()),
  decided_at: z.optional(timestamp),
  comment: z.optional(z.string()),
  // With what waits: look before you grant.
  ...credentialsTouched,
});

export const requestedRightPage = pageOf(requestedRightAnswer);
