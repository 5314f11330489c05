import { signingKeys } from '../../src/adapters/dynamodb/deployment.ts';
import { isUnchanged, keySetMaxAgeSeconds, keySetOf } from '../../src/oauth/jwks.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { table } from '../shared/table.ts';

export const handler = protocolEndpoint('jwks', async ({ ifNoneMatch }) => {
  const { body, entityTag } = keySetOf(await signingKeys(table()).list());
  const headers = { 'Cache-Control': `public, max-age=${keySetMaxAgeSeconds}`, ETag: entityTag };
  return isUnchanged(entityTag, ifNoneMatch) ? { status: 304, headers } : { headers, body };
});
