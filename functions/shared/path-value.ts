import * as z from 'zod/mini';
import { NotFound } from '../../src/entities/errors.ts';

/**
 * A path parameter as its schema reads it.
 *
 * @throws NotFound where nothing can have such a name: what is not there is not looked for
 */
export function pathValue<Schema extends z.ZodMiniType>(schema: Schema, value: string | undefined): z.output<Schema> {
  const result = z.safeParse(schema, value);
  if (!result.success) throw new NotFound();
  return result.data;
}
