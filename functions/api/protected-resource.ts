import { environment } from '../../src/environment.ts';
import { protectedResourceMetadata } from '../../src/oauth/protected-resource-metadata.ts';
import { endpoint } from '../shared/endpoint.ts';
import { variable } from '../shared/services.ts';

export const handler = endpoint({
  apiProtectedResource: async () => ({
    headers: { 'Cache-Control': 'public, max-age=300' },
    body: protectedResourceMetadata('api', variable(environment.apiUrl), variable(environment.issuer)),
  }),
});
