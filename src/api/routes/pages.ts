import type { Route } from '../route.ts';

/** The pages that people see, and what they load. Each row of a page's form is checked for forgery by its stack. */
export const pageRoutes = {
  assets: {
    api: 'auth',
    method: 'GET',
    path: '/assets/{name}',
    entry: 'auth/assets',
    right: 'none',
    summary: 'Stylesheets and scripts of the pages',
    status: 200,
    touches: {},
  },
} as const satisfies Record<string, Route>;
