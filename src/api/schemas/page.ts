import * as z from 'zod/mini';

const limit = z.pipe(
  z
    .custom<string>(
      (value) => typeof value === 'string' && /^(?:[1-9][0-9]?|100)$/.test(value),
      'must be a whole number from 1 to 100',
    )
    .check(z.meta({ type: 'integer', minimum: 1, maximum: 100, default: 50 })),
  z.transform(Number),
);

/** The parameters that every list takes; spread into the query schema of a list with filters. */
export const pageParameters = {
  limit: z._default(limit, 50),
  cursor: z.optional(z.string().check(z.minLength(1, 'must not be empty'))),
};

/** The query of a list without filters. */
export const pageQuery = z.strictObject(pageParameters);

/** The answer of a list of `item`s; `next_cursor` is absent on the last page. */
export const pageOf = <Item extends z.ZodMiniType>(item: Item) =>
  z.strictObject({ items: z.array(item), next_cursor: z.optional(z.string()) });
