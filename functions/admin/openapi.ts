import { openApi } from '../../src/api/openapi.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { endpoint } from '../shared/endpoint.ts';
import { variable } from '../shared/services.ts';

const description = once(() =>
  openApi({
    auth: variable(environment.issuer),
    admin: variable(environment.adminUrl).replace(/\/v1$/, ''),
    api: variable(environment.apiUrl).replace(/\/v1$/, ''),
  }),
);

export const handler = endpoint({
  openapi: async () => ({ body: description() }),
});
