import { InvalidInput } from '../../src/entities/errors.ts';
import {
  type Outside,
  type ProviderMetadata,
  ProviderUnusable,
  providerMetadata,
} from '../../src/federation/metadata.ts';
import { once } from '../../src/once.ts';
import { faultOfOutsideTarget, fetchFromOutside } from './guarded-fetch.ts';

/** How providers are reached. */
export const outside = once((): Outside => ({ fetch: fetchFromOutside(), faultOfTarget: faultOfOutsideTarget }));

/**
 * A provider that is to be registered.
 *
 * @throws InvalidInput naming the issuer where nobody could sign in there
 */
export async function usableProvider(issuer: string): Promise<ProviderMetadata> {
  const fault = (detail: string) => new InvalidInput([{ pointer: '/issuer', detail }]);
  const ofTarget = faultOfOutsideTarget(issuer);
  if (ofTarget !== undefined) throw fault(ofTarget);
  try {
    return await providerMetadata(issuer, outside());
  } catch (error) {
    throw error instanceof ProviderUnusable ? fault(error.message) : error;
  }
}
