import { environment } from '../../src/environment.ts';
import { protectedResourceMetadata } from '../../src/oauth/protected-resource-metadata.ts';
import { endpoint } from '../shared/endpoint.ts';
import { variable } from '../shared/services.ts';

export const handler = endpoint({
  adminProtectedResource: async () => ({
    headers: { 'Cache-Control': 'public, max-age=300' },
    body: protectedResourceMetadata('admin', variable(environment.adminUrl), variable(environment.issuer)),
  }),
});
