import { InvalidRequest } from '../../errors.ts';
import type { CheckedRequest, Prompt } from '../request.ts';

/** As the metadata names them. */
export const prompts: readonly Prompt[] = ['none', 'login', 'consent', 'select_account'];

/**
 * What the user must, or must not, be asked (OIDC Core §3.1.2.1).
 *
 * @throws InvalidRequest an unknown value, or `none` with another
 */
export function requestedPrompt({ form }: CheckedRequest): readonly Prompt[] {
  const values = form.get('prompt')?.split(' ') ?? [];
  const known = prompts.filter((prompt) => values.includes(prompt));
  if (!values.every((value) => known.some((prompt) => prompt === value))) throw new InvalidRequest('unknown prompt');
  if (known.includes('none') && known.length > 1) throw new InvalidRequest('prompt none with another');
  return known;
}
