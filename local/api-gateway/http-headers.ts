/** A header name as it was sent, and its value. */
export type HeaderPair = readonly [name: string, value: string];

/**
 * What API Gateway does to headers between client, function and client (API Gateway Developer Guide, "Important notes",
 * table of headers "that may be dropped, remapped, or otherwise modified"; column `lambda`).
 */
const droppedFromRequest = new Set([
  'connection',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
]);

const droppedFromAnswer = new Set([
  'expect',
  'host',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);

const remappedInAnswer = new Set([
  'authorization',
  'connection',
  'content-md5',
  'date',
  'max-forwards',
  'server',
  'user-agent',
  'www-authenticate',
]);

/** The headers that a function gets to see. */
export function forwardRequestHeaders(headers: readonly HeaderPair[]): HeaderPair[] {
  return headers.filter(
    ([name, value]) =>
      !droppedFromRequest.has(name.toLowerCase()) &&
      // A Signature Version 4 signature is for API Gateway itself.
      !(name.toLowerCase() === 'authorization' && value.startsWith('AWS4-HMAC-SHA256')),
  );
}

/** The headers of a function's answer as the client gets them: some left out, some under another name. */
export function forwardAnswerHeaders(headers: readonly HeaderPair[]): HeaderPair[] {
  return headers
    .filter(([name]) => !droppedFromAnswer.has(name.toLowerCase()) && name.toLowerCase() !== 'content-length')
    .map(([name, value]) => [remappedInAnswer.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, value]);
}

/** The last value of a header, whatever its case; undefined where it was not sent. */
export function headerValue(headers: readonly HeaderPair[], name: string): string | undefined {
  return headers.findLast(([candidate]) => candidate.toLowerCase() === name.toLowerCase())?.[1];
}

/** The first media type of an `Accept` header: the only one that API Gateway honours. */
export function firstAccepted(headers: readonly HeaderPair[]): string | undefined {
  const accept = headerValue(headers, 'accept')?.split(',')[0];
  return accept === undefined ? undefined : mediaType(accept);
}

/** `Application/JSON; charset=utf-8` → `application/json`. */
export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/** Whether a content type is among an API's `binaryMediaTypes`. */
export function isBinary(contentType: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  const type = contentType === undefined ? undefined : mediaType(contentType);
  return binaryMediaTypes.some(
    (binary) =>
      binary === '*/*' ||
      (type !== undefined && (binary === type || (binary.endsWith('/*') && type.startsWith(binary.slice(0, -1))))),
  );
}
