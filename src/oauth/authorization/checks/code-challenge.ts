import { InvalidRequest } from '../../errors.ts';
import type { CheckedRequest, ResponseType } from '../request.ts';
import { isImplicit } from './response-type.ts';

/** As the metadata names them (RFC 8414 §2): `plain` protects nothing that leaks. */
export const codeChallengeMethods = ['S256'] as const;

/** SHA-256 in base64url, without padding. */
const challengePattern = /^[A-Za-z0-9_-]{43}$/;

/**
 * What the code is bound to (RFC 7636 §4.3); asked of every client, for it protects the confidential ones' users from
 * codes of others too (RFC 9700 §2.1.1). In the implicit flow there is no code.
 *
 * @throws InvalidRequest none, or another method, be it by default
 */
export function requiredCodeChallenge({ form }: CheckedRequest, responseType: ResponseType): string | undefined {
  if (isImplicit(responseType)) return undefined;
  const challenge = form.get('code_challenge');
  if (challenge === undefined) throw new InvalidRequest('no code_challenge');
  if (!codeChallengeMethods.some((method) => method === form.get('code_challenge_method')))
    throw new InvalidRequest('a code_challenge_method other than S256');
  if (!challengePattern.test(challenge)) throw new InvalidRequest('the code_challenge is no SHA-256');
  return challenge;
}
