import * as z from 'zod/mini';
import { longestExpirySeconds } from '../../entities/secret-limits.ts';
import { pageOf } from './page.ts';

const seconds = (least: number) => {
  const message = `must be a whole number of seconds from ${least} to ${longestExpirySeconds}`;
  return z.int(message).check(z.minimum(least, message), z.maximum(longestExpirySeconds, message));
};

/**
 * The body of an addition: when the new secret runs out, and when the others do (0: they are revoked now). No body says
 * neither.
 */
export const secretCreation = z._default(
  z.strictObject({ expires_in: z.optional(seconds(1)), expire_others_in: z.optional(seconds(0)) }, 'must be an object'),
  {},
);

const timestamp = z.string().check(z.meta({ format: 'date-time' }));
const expiry = z.nullable(timestamp);

/** A secret that was just made. `expires_at` is null where it holds until it is revoked. */
export const createdSecretAnswer = z.strictObject({
  id: z.string(),
  client_secret: z.string(),
  created_at: timestamp,
  expires_at: expiry,
});

/** A secret read again. */
export const secretAnswer = z.strictObject({ id: z.string(), client_secret: z.string() });

/** What a list shows of a secret. */
export const secretSummary = z.strictObject({
  id: z.string(),
  created_at: timestamp,
  expires_at: expiry,
  last_four: z.string(),
  /** When it last obtained a token, to the hour; absent where it never did. */
  last_used_at: z.optional(timestamp),
});

export const secretPage = pageOf(secretSummary);
