import { environment } from '../../src/environment.ts';
import { serverMetadata } from '../../src/oauth/metadata.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { variable } from '../shared/services.ts';

export const handler = protocolEndpoint('openidConfiguration', async () => ({
  headers: { 'Cache-Control': 'public, max-age=300' },
  body: serverMetadata(variable(environment.issuer)),
}));
