import { InvalidScope } from './errors.ts';

/** RFC 6749 §3.3: printable ASCII without space, `"` and `\`. */
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * The values of a `scope` parameter, each once, in the order of the request (RFC 6749 §3.3).
 *
 * @throws InvalidScope where the text is no list of scope tokens with single spaces between them
 */
export function parseScope(scope: string): readonly string[] {
  const values = scope.split(' ');
  if (!values.every((value) => scopeToken.test(value))) throw new InvalidScope('malformed');
  return [...new Set(values)];
}
