import * as z from 'zod/mini';
import { connectionState, versionShown } from './application.ts';
import { integrationAnswer, right } from './integration.ts';
import { must } from './messages.ts';
import { pageOf } from './page.ts';

/** What a tenant is shown of the applications that are offered to it, and what it decides. */

const publisher = z.strictObject({ tenant: z.string(), name: z.string() });

/** A line of the list. */
export const appSummary = z.strictObject({
  app_id: z.string(),
  name: z.string(),
  publisher,
  version: z.int(),
  /** Absent where the tenant is not connected. */
  accepted_version: z.optional(z.int()),
  rights: z.array(z.string()),
  /** Those that were not in the version that was accepted; none where none was. */
  added_rights: z.array(z.string()),
  state: connectionState,
  client_id: z.optional(z.string()),
});

export const appPage = pageOf(appSummary);

/** What it asks for and why, and what is different from what was accepted. */
export const appAnswer = z.strictObject({
  ...appSummary.shape,
  ...versionShown,
  rights: z.array(z.strictObject({ right: z.string(), reason: z.string() })),
  /** What the accepted version had; absent where the tenant is not connected, or to the latest. */
  changes: z.optional(
    z.strictObject({
      since: z.int(),
      added_rights: z.array(z.string()),
      removed_rights: z.array(z.string()),
      /** Other members that are not as they were accepted, and what was. */
      accepted: z.record(z.string(), z.nullable(z.unknown())),
    }),
  ),
});

/** A decision; `version` is the one that was looked at, and refused where it is not the latest any more. */
export const connectionDecision = z.strictObject(
  {
    decision: z.enum(['allow', 'decline'], { error: must('"allow" or "decline"') }),
    rights: z.optional(
      z
        .array(right, { error: must('a list of rights') })
        .check(z.refine((named) => new Set(named).size === named.length, 'must name each right once')),
    ),
    version: z.optional(z.int('must be a whole number').check(z.minimum(1, 'must be at least 1'))),
  },
  { error: must('an object') },
);

/** What an allowed connection has; the secret is shown where one was made. */
export const allowedAnswer = z.strictObject({
  tenant: z.string(),
  client_id: z.string(),
  client_secret: z.optional(z.string()),
  rights: integrationAnswer.shape.rights,
});

const declined = z.strictObject({ tenant: z.string(), state: connectionState });

export const connectionDecided = z.union([allowedAnswer, declined]);
