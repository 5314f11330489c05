import { deviceAuthorizations } from '../../src/adapters/dynamodb/device-authorization.ts';
import { environment } from '../../src/environment.ts';
import { authorizeDevice, type DeviceAuthorizationPorts } from '../../src/oauth/device-authorization-endpoint.ts';
import { once } from '../../src/once.ts';
import { authentication, deployment } from '../shared/clients.ts';
import { pause } from '../shared/pause.ts';
import { protocolEndpoint } from '../shared/protocol-endpoint.ts';
import { randomBytes, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const ports = once(
  (): DeviceAuthorizationPorts => ({
    ...authentication(),
    randomBytes,
    deployment: deployment(),
    devices: deviceAuthorizations(table(), pause),
  }),
);

export const handler = protocolEndpoint('deviceAuthorization', async (call) => ({
  body: await authorizeDevice(call, variable(environment.issuer), ports()),
}));
