import type { APIGatewayProxyEvent } from 'aws-lambda';
import { InvalidInput } from '../../src/entities/errors.ts';
import { PayloadTooLarge, UnsupportedMediaType } from './http-errors.ts';

/** The contract's limit on a body, in bytes. */
export const maximumBodyBytes = 64 * 1024;

/**
 * The JSON value of a request's body.
 *
 * @throws UnsupportedMediaType (415), PayloadTooLarge (413), InvalidInput (400): malformed JSON or invalid UTF-8, which
 * API Gateway hands on as U+FFFD
 */
export function jsonBody(event: APIGatewayProxyEvent): unknown {
  const text = bodyText(event);
  if (Buffer.byteLength(text) > maximumBodyBytes) throw new PayloadTooLarge();
  if (!/^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i.test(contentType(event)))
    throw new UnsupportedMediaType();
  if (text.includes('\uFFFD')) throw new InvalidInput([{ pointer: '', detail: 'is not valid UTF-8' }]);
  try {
    return JSON.parse(text, (key, value) => {
      if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed())) throw new SyntaxError();
      return value;
    });
  } catch {
    throw new InvalidInput([{ pointer: '', detail: 'is not well-formed JSON' }]);
  }
}

/** Whether the request carries nothing, and does not say that it is of some type (RFC 9110 §8.3). */
export function hasNoBody(event: APIGatewayProxyEvent): boolean {
  return (event.body ?? '') === '' && contentType(event) === '';
}

function bodyText(event: APIGatewayProxyEvent): string {
  const body = event.body ?? '';
  return event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}

function contentType(event: APIGatewayProxyEvent): string {
  const name = Object.keys(event.headers ?? {}).find((header) => header.toLowerCase() === 'content-type');
  return (name && event.headers[name]) || '';
}
