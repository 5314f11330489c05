import { InvalidRequest } from '../../errors.ts';
import type { CheckedRequest } from '../request.ts';

/** The most characters of a value that is repeated to the client: an answer must fit into headers. */
export const longestEcho = 1_024;

const echoed = ['state', 'nonce', 'login_hint'] as const;

/** @throws InvalidRequest */
export function limitLengths({ form }: CheckedRequest): void {
  const tooLong = echoed.find((name) => (form.get(name)?.length ?? 0) > longestEcho);
  if (tooLong !== undefined) throw new InvalidRequest(`${tooLong} is too long`);
}
