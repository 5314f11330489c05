import { pageRoutes } from '../../src/api/routes/pages.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { asset } from '../../src/pages/assets.ts';
import { page, pageEndpoint } from '../shared/page-endpoint.ts';

export const handler = pageEndpoint(
  page(pageRoutes.assets, async ({ pathValue }) => {
    const file = asset(pathValue('name'));
    if (file === undefined) throw new NotFound();
    return { file };
  }),
);
