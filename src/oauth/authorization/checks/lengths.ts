import { InvalidRequest } from '../../errors.ts';
import type { CheckedRequest } from '../request.ts';

/** The most that a value may take that comes back to the client, encoded: API Gateway has 10,240 bytes for headers. */
const longestEcho = 2_048;

const echoed = ['state', 'nonce', 'login_hint'] as const;

/** @throws InvalidRequest */
export function limitLengths({ form }: CheckedRequest): void {
  const tooLong = echoed.find((name) => !canComeBack(form.get(name)));
  if (tooLong !== undefined) throw new InvalidRequest(`${tooLong} is too long`);
}

/** Whether there is room for the value in an answer. */
export function canComeBack(value = ''): boolean {
  return new URLSearchParams({ value }).toString().length <= longestEcho;
}
