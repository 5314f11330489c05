import * as z from 'zod/mini';
import { pageOf } from './page.ts';

/** A session's id. */
export const sessionId = z.string().check(z.regex(/^ses_[0-9A-Za-z]{22}$/));

const timestamp = z.string().check(z.meta({ format: 'date-time' }));

/** A session as it is answered; `current` where the token that asks was obtained in it. */
export const sessionAnswer = z.strictObject({
  id: z.string(),
  created_at: timestamp,
  expires_at: timestamp,
  user_agent: z.optional(z.string()),
  address: z.optional(z.string()),
  /** How the user proved who they are (RFC 8176). */
  methods: z.array(z.string()),
  current: z.boolean(),
});

export const sessionPage = pageOf(sessionAnswer);
