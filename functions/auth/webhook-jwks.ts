import { isUnchanged, keySetMaxAgeSeconds, keySetOf } from '../../src/oauth/jwks.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { webhookKeys } from '../shared/webhook-keys.ts';

export const handler = protocolEndpoint('webhookJwks', async ({ ifNoneMatch }) => {
  const keys = (await webhookKeys()).map((key) => ({ ...key, algorithm: 'RS256', state: 'active' }) as const);
  const { body, entityTag } = keySetOf(keys);
  const headers = { 'Cache-Control': `public, max-age=${keySetMaxAgeSeconds}`, ETag: entityTag };
  return isUnchanged(entityTag, ifNoneMatch) ? { status: 304, headers } : { headers, body };
});
