import { users } from '../../src/adapters/dynamodb/user.ts';
import { userBody, userId } from '../../src/api/schemas/user.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { once } from '../../src/once.ts';
import { endpoint } from '../shared/endpoint.ts';
import { pageBody } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { table } from '../shared/table.ts';

const store = once(() => users(table()));

export const handler = endpoint({
  listUsers: async ({ caller: { tenant }, query }) => ({
    body: await pageBody(query, { tenant, route: 'listUsers' }, (page) => store().list(tenant, page), userBody),
  }),

  getUser: async ({ caller: { tenant }, path }) => {
    const found = await store().get(tenant, pathValue(userId, path.user_id));
    if (found === undefined) throw new NotFound();
    return { body: userBody(found) };
  },
});
