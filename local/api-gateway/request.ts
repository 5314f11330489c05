import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HeaderPair } from './http-headers.ts';
import { decodePercent, hasBrokenEscape } from './path.ts';

/** A request as it came over the wire, before any API was chosen. */
export interface GatewayRequest {
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  readonly receivedAt: Date;
  readonly httpMethod: string;
  /** Undecoded, without the query. */
  readonly path: string;
  readonly query: readonly HeaderPair[];
  readonly headers: readonly HeaderPair[];
  readonly protocol: string;
  readonly sourceIp: string;
  readonly body: Buffer;
}

/** A request that API Gateway answers by itself before it looks for a resource. */
export class UnacceptableRequest extends Error {
  readonly status: 400 | 413 | 431;
  constructor(status: 400 | 413 | 431, message: string) {
    super(message);
    this.status = status;
  }
}

/** API Gateway quotas: payload 10 MB; request line and header values together 10,240 bytes. */
const maximumBodyBytes = 10 * 1024 * 1024;
const maximumHeaderBytes = 10_240;

/**
 * Reads a request whole.
 *
 * @throws {UnacceptableRequest} where its size or its form is beyond what API Gateway takes.
 */
export async function readRequest(incoming: IncomingMessage): Promise<GatewayRequest> {
  const url = incoming.url ?? '/';
  const headers = pairs(incoming.rawHeaders);
  const headerBytes = headers.reduce((sum, [, value]) => sum + Buffer.byteLength(value), Buffer.byteLength(url));
  if (headerBytes > maximumHeaderBytes) {
    throw new UnacceptableRequest(431, 'Request Header Fields Too Large');
  }
  const [path = '/', queryText] = splitOnce(url, '?');
  // "The plain text pipe character and the curly brace characters are not supported for any request URL query string."
  if (!path.startsWith('/') || hasBrokenEscape(url) || /[|{}]/.test(queryText ?? '')) {
    throw new UnacceptableRequest(400, 'Bad Request');
  }
  const override = incoming.headers['x-http-method-override'];
  return {
    requestId: randomUUID(),
    extendedRequestId: `${randomBytes(11).toString('base64url')}=`,
    traceId: `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`,
    receivedAt: new Date(),
    // "When sending requests to an API by passing the X-HTTP-Method-Override header, API Gateway overrides the method",
    // and keeps the header to itself.
    httpMethod: typeof override === 'string' && override !== '' ? override.toUpperCase() : (incoming.method ?? 'GET'),
    path,
    query: parseQuery(queryText ?? ''),
    headers: headers.filter(([name]) => name.toLowerCase() !== 'x-http-method-override'),
    protocol: `HTTP/${incoming.httpVersion}`,
    sourceIp: (incoming.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    body: await readBody(incoming),
  };
}

/** Name and value decoded, `+` as a space, in the order sent; a semicolon parts values as an ampersand does. */
export function parseQuery(query: string): HeaderPair[] {
  return query
    .split(/[&;]/)
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = splitOnce(part, '=').map((text) => decodePercent(text.replaceAll('+', ' ')));
      return [name, value] as const;
    });
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    // The rest is read and thrown away, so that the client gets to read the answer.
    if (bytes <= maximumBodyBytes) {
      chunks.push(chunk);
    }
  }
  if (bytes > maximumBodyBytes) {
    throw new UnacceptableRequest(413, 'Request Too Long');
  }
  return Buffer.concat(chunks);
}

function pairs(rawHeaders: readonly string[]): HeaderPair[] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] ?? '',
    rawHeaders[2 * index + 1] ?? '',
  ]);
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
