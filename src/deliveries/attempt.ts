import type { Attempt } from '../entities/delivery.ts';
import type { Endpoint } from '../entities/endpoint.ts';
import { FetchFailed } from '../entities/fetch-failed.ts';
import type { OutgoingEvent } from '../entities/outgoing-event.ts';
import type { Clock, GuardedFetch } from '../ports.ts';
import { type DetachedSigner, type EndpointKeys, requestOf } from './request.ts';

export interface AttemptPorts {
  readonly clock: Clock;
  readonly fetch: GuardedFetch;
  readonly keys: EndpointKeys;
  readonly signer: DetachedSigner;
}

/** One attempt, and what it means. */
export interface Outcome {
  readonly attempt: Attempt;
  readonly delivered: boolean;
  /** Whether it is the endpoint that cannot be used now, whatever it is sent. */
  readonly endpointFault: boolean;
  /** Whether the endpoint said that it is gone for good. */
  readonly gone: boolean;
  /** What it asked us to wait, in seconds. */
  readonly retryAfter?: number | undefined;
}

/** The most characters of an answer that are kept. */
const answerKept = 1000;

/** Statuses that say nothing of the event, but that the endpoint wants to be left alone. */
const overloaded = new Set([429, 502, 503, 504]);

/**
 * Sends the event once. Whatever the endpoint does is an outcome.
 *
 * @throws DependencyUnavailable where a service of ours stands in the way: nothing was sent
 */
export async function attemptOf(event: OutgoingEvent, endpoint: Endpoint, ports: AttemptPorts): Promise<Outcome> {
  const { body, headers, secrets } = await requestOf(event, endpoint, ports.clock.now(), ports);
  const begun = ports.clock.now();
  const attempt = { at: new Date(begun).toISOString() };
  const duration = () => ({ durationMilliseconds: Math.max(0, ports.clock.now() - begun) });
  try {
    const answer = await ports.fetch(endpoint.uri, { method: 'POST', headers, body });
    const text = shortened(await answer.text(), secrets);
    const { ok, status } = answer;
    return {
      attempt: { ...attempt, ...duration(), status, ...(text !== '' && { answer: text }) },
      delivered: ok,
      endpointFault: overloaded.has(status),
      gone: status === 410,
      retryAfter: secondsOf(answer.headers.get('retry-after'), ports.clock.now()),
    };
  } catch (error) {
    if (!(error instanceof FetchFailed)) throw error;
    const { failure } = error;
    return {
      attempt: { ...attempt, ...duration(), fault: failure },
      delivered: false,
      endpointFault: failure === 'unreachable' || failure === 'too slow' || failure === 'refused',
      gone: false,
    };
  }
}

/** The beginning of an answer, in one line, without what would open the endpoint to who reads it. */
function shortened(text: string, secrets: readonly string[]): string {
  const safe = secrets.reduce((rest, secret) => rest.replaceAll(secret, '[key]'), text);
  return [...safe.slice(0, answerKept * 2).replace(/[\p{Cc}\p{Cf}]+/gu, ' ')].slice(0, answerKept).join('').trim();
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function secondsOf(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}
