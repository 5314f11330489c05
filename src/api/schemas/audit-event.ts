import * as z from 'zod/mini';
import { pageOf, pageParameters } from './page.ts';

/** An id of this project, or the name of an action: what partitions of the log are named by. */
const name = z.optional(
  z.string().check(z.regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'must be an id or a name of letters, digits and _ . : -')),
);
/** RFC 3339 §5.6, in any zone. */
const time = z.optional(
  z.string().check(
    z.refine(
      (text) =>
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) &&
        !Number.isNaN(Date.parse(text)),
      'must be a time such as 2026-11-21T10:00:00Z',
    ),
    z.meta({ format: 'date-time' }),
  ),
);

/** `from` is inclusive, `until` exclusive; all filters given hold together. */
const filters = { object: name, actor: name, action: name, from: time, until: time };

export const auditEventQuery = z.strictObject({ ...pageParameters, ...filters });

export const auditExportQuery = z.strictObject({ cursor: pageParameters.cursor, ...filters });

export const auditEventAnswer = z.strictObject({
  id: z.string(),
  at: z.string().check(z.meta({ format: 'date-time' })),
  actor: z.string(),
  action: z.string(),
  object: z.string(),
  request_id: z.string(),
  /** Where the request came from; absent for what the deployment itself does. */
  address: z.optional(z.string()),
  via: z.optional(
    z.strictObject({
      client_id: z.optional(z.string()),
      token_id: z.optional(z.string()),
      session_id: z.optional(z.string()),
    }),
  ),
  changes: z.optional(z.record(z.string(), z.unknown())),
});

export const auditEventPage = pageOf(auditEventAnswer);
