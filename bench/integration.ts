import { type Integration, machineOnly, type RequestedRight } from '../src/entities/integration.ts';
import { hashOf } from '../src/entities/recognizable-secret.ts';
import { client, scope } from './issuing/client.ts';

const granted: RequestedRight = { state: 'granted', requestedBy: 'usr_1' };

/** The integration that tokens are issued to and decided for. */
export const integration: Integration = {
  tenant: client.tenant,
  clientId: client.id,
  name: 'Bench',
  status: 'active',
  owner: 'usr_1',
  grantTypes: ['client_credentials'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  jwks: [],
  ...machineOnly,
  rights: Object.fromEntries(scope.split(' ').map((right) => [right, granted])),
  secrets: [{ id: 'sec_1', hash: hashOf(client.secret), ciphertext: '', lastFour: '', createdAt: '' }],
  tokenGeneration: 0,
  createdAt: '',
  version: 1,
};
