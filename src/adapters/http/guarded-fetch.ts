import { promises as dns, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { FetchFailed } from '../../entities/fetch-failed.ts';
import type { GuardedFetch, GuardedRequest } from '../../ports.ts';
import { faultOfTarget, mayConnect, type TargetRules } from './fetch-target.ts';

export interface GuardedFetchOptions extends TargetRules {
  /** The most bytes of an answer's body. Default 256 kB. */
  readonly maximumBytes?: number;
  /** From the question for the name to the last byte, in milliseconds. Default 5,000. */
  readonly timeoutMilliseconds?: number;
  /** Every address of a name; the machine's own resolver unless given. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
}

/** Each request has a connection of its own, to an address looked up for it; no proxy of the environment is asked. */
const agents = {
  http: new HttpAgent({ keepAlive: false }),
  https: new HttpsAgent({ keepAlive: false, rejectUnauthorized: true }),
};

/**
 * The one client for URLs that a tenant gives us. Its addresses are checked after the name is resolved, and the
 * connection is made to exactly those, so that a name which answers differently the second time gains nothing. It follows
 * no redirect, keeps no cookie, and cuts off what is too large or too slow. A part of the Fetch API, so that protocol
 * libraries can be given it.
 *
 * @throws FetchFailed
 */
export function guardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { maximumBytes = 256 * 1024, timeoutMilliseconds = 5000, resolve = resolvedBySystem } = options;
  return async (target, init = {}) => {
    if (faultOfTarget(target, options) !== undefined) throw new FetchFailed('refused');
    const url = new URL(target);
    const deadline = AbortSignal.timeout(timeoutMilliseconds);
    const signal = init.signal ? AbortSignal.any([deadline, init.signal]) : deadline;
    try {
      const answer = await answerOf(url, init, signal, guardedLookup(url, options, resolve));
      return await responseOf(answer, maximumBytes);
    } catch (error) {
      if (error instanceof FetchFailed) throw error;
      throw new FetchFailed(deadline.aborted ? 'too slow' : 'unreachable', error);
    }
  };
}

const resolvedBySystem = (hostname: string) => dns.lookup(hostname, { all: true });

/** Looks a name up for one connection, and lets it go to none of the addresses where one of them may not be. */
function guardedLookup(
  url: URL,
  rules: TargetRules,
  resolve: NonNullable<GuardedFetchOptions['resolve']>,
): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => mayConnect(url, address, rules)))
          callback(new FetchFailed('refused'), []);
        else if (all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, []),
    );
  };
}

/** Sends the request and waits for the answer's head. */
function answerOf(
  url: URL,
  { method = 'GET', headers = {}, body }: GuardedRequest,
  signal: AbortSignal,
  lookup: LookupFunction,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, signal, lookup };
    const sent =
      url.protocol === 'https:'
        ? requestHttps(url, { ...options, agent: agents.https }, resolve)
        : requestHttp(url, { ...options, agent: agents.http }, resolve);
    sent.on('error', reject);
    sent.end(body === undefined || body === null ? undefined : body.toString());
  });
}

/** Reads the whole answer. Nothing was said of encodings, so that its bytes are as many as they were sent. */
async function responseOf(answer: IncomingMessage, maximumBytes: number): Promise<Response> {
  const { statusCode: status = 0 } = answer;
  try {
    if (status >= 300 && status < 400) throw new FetchFailed('redirect');
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of answer as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > maximumBytes) throw new FetchFailed('too large');
      parts.push(part);
    }
    const body = status === 204 || status === 205 ? null : Buffer.concat(parts);
    return new Response(body, { status, headers: headersOf(answer) });
  } finally {
    answer.destroy();
  }
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  return headers;
}
