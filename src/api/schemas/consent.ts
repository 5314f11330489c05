import * as z from 'zod/mini';
import { heldRights } from './held-rights.ts';
import { pageOf } from './page.ts';

const timestamp = z.string().check(z.meta({ format: 'date-time' }));

/** A consent as it is answered; `name` is the integration's, absent where that is gone. */
export const consentAnswer = z.strictObject({
  client_id: z.string(),
  name: z.optional(z.string()),
  scopes: z.array(z.string()),
  rights: heldRights,
  created_at: timestamp,
  updated_at: timestamp,
});

export const consentPage = pageOf(consentAnswer);
