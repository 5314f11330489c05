import * as z from 'zod/mini';
import { verifications } from '../../entities/endpoint.ts';
import { outgoingEventTypes } from '../../entities/outgoing-event.ts';
import { longestExpirySeconds } from '../../entities/secret-limits.ts';
import { must } from './messages.ts';
import { pageOf } from './page.ts';

/** What may be chosen; a ping is sent by hand alone. */
const chosenTypes = outgoingEventTypes.filter((type) => type !== 'endpoint.ping');

const maximumUriLength = 2000;

/** Where the app is told of what happens. */
export const endpointSettings = z.strictObject(
  {
    uri: z
      .string({ error: must('a string') })
      .check(
        z.maxLength(maximumUriLength, `must be of at most ${maximumUriLength} characters`),
        z.meta({ format: 'uri' }),
      ),
    verification: z.enum(verifications, { error: must(verifications.join(', ')) }),
    /** Absent: all. */
    events: z.optional(
      z
        .array(z.enum(chosenTypes, { error: must('a type of event') }), 'must be a list of types of events')
        .check(z.minLength(1, 'must name at least one type'), z.maxLength(chosenTypes.length, 'names a type twice')),
    ),
  },
  'must be an object',
);

const seconds = `must be a whole number of seconds from 0 to ${longestExpirySeconds}`;

/** The body of an addition of a key: when the others run out (0: now). No body leaves them as they are. */
export const endpointKeyCreation = z._default(
  z.strictObject(
    {
      expire_others_in: z.optional(
        z.int(seconds).check(z.minimum(0, seconds), z.maximum(longestExpirySeconds, seconds)),
      ),
    },
    'must be an object',
  ),
  {},
);

const timestamp = z.string().check(z.meta({ format: 'date-time' }));

/** A key that was just made: shown here only. */
const madeKey = { signing_key: z.optional(z.string()), verification_token: z.optional(z.string()) };

/** The endpoint, never with a key. */
export const endpointAnswer = z.strictObject({
  uri: z.string(),
  verification: z.enum(verifications),
  events: z.optional(z.array(z.string())),
  status: z.enum(['active', 'paused']),
  paused_at: z.optional(timestamp),
  /** Since when no attempt succeeded; absent where the last one did. */
  failing_since: z.optional(timestamp),
  keys: z.array(
    z.strictObject({ id: z.string(), last_four: z.string(), created_at: timestamp, expires_at: z.nullable(timestamp) }),
  ),
  /** Where the public key is, where that is what requests are verified with. */
  jwks_uri: z.optional(z.string()),
  created_at: timestamp,
});

/** The endpoint as it was set, with the key where one was made. */
export const setEndpointAnswer = z.extend(endpointAnswer, madeKey);

/** A key that was added. */
export const createdEndpointKeyAnswer = z.strictObject({ id: z.string(), ...madeKey, created_at: timestamp });

/** One request, and what came back. */
export const attemptAnswer = z.strictObject({
  at: timestamp,
  duration_ms: z.number(),
  status: z.optional(z.number()),
  fault: z.optional(z.string()),
  answer: z.optional(z.string()),
});

/** What came of a ping. */
export const pingAnswer = z.extend(attemptAnswer, { delivered: z.boolean() });

/** A line of the log: the event, and the attempts to tell of it, the latest ones in order. */
export const deliveryAnswer = z.strictObject({
  id: z.string(),
  event: z.strictObject({
    id: z.string(),
    type: z.string(),
    object: z.string(),
    sequence: z.number(),
    at: timestamp,
    data: z.record(z.string(), z.unknown()),
  }),
  state: z.enum(['pending', 'delivered', 'failed', 'withheld']),
  /** While it is pending, not before then. */
  due_at: z.optional(timestamp),
  attempt_count: z.number(),
  attempts: z.array(attemptAnswer),
});

export const deliveryPage = pageOf(deliveryAnswer);
