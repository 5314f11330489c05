import { serverMetadata } from '../../src/oauth/metadata.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { serverSettings } from '../shared/server-settings.ts';

export const handler = protocolEndpoint('openidConfiguration', async () => ({
  headers: { 'Cache-Control': 'public, max-age=300' },
  body: serverMetadata(serverSettings()),
}));
