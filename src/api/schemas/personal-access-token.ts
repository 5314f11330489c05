import * as z from 'zod/mini';
import { longestPersonalAccessTokenDays } from '../../entities/personal-access-token.ts';
import { heldRights } from './held-rights.ts';
import { right } from './integration.ts';
import { line } from './line.ts';
import { must } from './messages.ts';
import { pageOf } from './page.ts';

/** A personal access token's id. */
export const personalAccessTokenId = z.string().check(z.regex(/^pat_[0-9A-Za-z]{22}$/));

const longestSeconds = longestPersonalAccessTokenDays * 86_400;
const expiryMessage = `must be a whole number of seconds from 1 to ${longestSeconds}`;

/** What a personal access token is created with; the tenant's policy may allow less time. */
export const personalAccessTokenCreation = z.strictObject(
  {
    name: line,
    rights: z.array(right, { error: must('a list of rights') }).check(
      z.minLength(1, 'must name at least one right'),
      z.maxLength(200, 'holds too many rights'),
      z.refine((named) => new Set(named).size === named.length, 'must name each right once'),
      z.meta({ uniqueItems: true }),
    ),
    expires_in: z
      .int({ error: (issue) => (issue.input === undefined ? 'is required' : expiryMessage) })
      .check(z.minimum(1, expiryMessage), z.maximum(longestSeconds, expiryMessage)),
  },
  { error: must('an object') },
);

const timestamp = z.string().check(z.meta({ format: 'date-time' }));

/** What is shown of a personal access token after its creation. */
export const personalAccessTokenAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  rights: heldRights,
  /** The app that it was made through. */
  client_id: z.string(),
  last_four: z.string(),
  created_at: timestamp,
  expires_at: timestamp,
  /** To the hour; absent where it was never used. */
  last_used_at: z.optional(timestamp),
});

/** One that was just made: the only answer that holds the token. */
export const createdPersonalAccessTokenAnswer = z.extend(personalAccessTokenAnswer, { token: z.string() });

export const personalAccessTokenPage = pageOf(personalAccessTokenAnswer);
