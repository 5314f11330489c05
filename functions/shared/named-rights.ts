import { type RightName, rightOf } from '../../src/api/rights.ts';
import { InvalidInput } from '../../src/entities/errors.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';

/**
 * Outside the operator's tenant its own rights do not exist: naming one there is naming none of the catalogue.
 *
 * @param pointer of the list in the body, for the answer
 * @throws InvalidInput
 */
export function mustBeInCatalogue(
  { ofOperator }: Pick<AuthorizerContext, 'ofOperator'>,
  named: readonly RightName[],
  pointer = '/rights',
): void {
  const faults = named.flatMap((name, index) =>
    rightOf(name).operatorOnly && !ofOperator
      ? [{ pointer: `${pointer}/${index}`, detail: 'must be a right of the catalogue' }]
      : [],
  );
  if (faults.length > 0) throw new InvalidInput(faults);
}
