import { NotFound } from '../../src/entities/errors.ts';
import type { PageRequest } from './page-endpoint.ts';

/**
 * The tenant of a page below `/t/{tenant}`.
 *
 * @throws NotFound where the text is no tenant's id: it never becomes part of a key
 */
export function tenantInPath({ pathValue }: Pick<PageRequest, 'pathValue'>): string {
  const tenant = pathValue('tenant');
  if (!/^ten_[0-9A-Za-z]{16}$/.test(tenant)) throw new NotFound();
  return tenant;
}
