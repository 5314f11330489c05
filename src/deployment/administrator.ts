import { rightNames, rightOf } from '../api/rights.ts';
import { type ClientSecret, type Integration, machineOnly } from '../entities/integration.ts';

/** What an administrator's integration is made of. */
export interface AdministratorDetails {
  readonly tenant: string;
  readonly clientId: string;
  readonly name: string;
  readonly description: string;
  readonly secret: ClientSecret;
  /** Whether the tenant is the platform operator's. */
  readonly ofOperator: boolean;
  /** Who made it, as the tenant may know them. */
  readonly madeBy: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * The integration with which a tenant begins: it holds every right of the tenant and owns itself, since nobody was there
 * before it.
 */
export function administratorOf(details: AdministratorDetails): Integration {
  const { tenant, clientId, name, description, secret, ofOperator, madeBy, at } = details;
  const granted = { state: 'granted', requestedBy: madeBy, decidedBy: madeBy, decidedAt: at } as const;
  const rights = rightNames.filter((right) => ofOperator || !rightOf(right).operatorOnly);
  return {
    tenant,
    clientId,
    name,
    description,
    status: 'active',
    owner: clientId,
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    jwks: [],
    ...machineOnly,
    rights: Object.fromEntries(rights.map((right) => [right, granted])),
    secrets: [secret],
    tokenGeneration: 0,
    createdAt: at,
    version: 1,
  };
}
