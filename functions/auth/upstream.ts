import { upstreamRoutes } from '../../src/api/routes/upstream.ts';
import { ongoing } from '../shared/interaction.ts';
import { page, pageEndpoint } from '../shared/page-endpoint.ts';
import { goUpstream } from '../shared/upstream-request.ts';

export const handler = pageEndpoint(
  page(upstreamRoutes.startUpstream, async (call) =>
    goUpstream(call, await ongoing(call), call.pathValue('identity_provider')),
  ),
);
