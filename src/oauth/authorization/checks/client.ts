import { tenantOfClientId } from '../../../entities/identifiers.ts';
import type { Integration, IntegrationReader } from '../../../entities/integration.ts';
import { projectsNamedIn } from '../../authorization-details.ts';
import { InvalidRequest } from '../../errors.ts';
import type { Form } from '../../form.ts';

/**
 * The client that asks: one that exists and is active. Nothing is proved of it here; its redirect URIs say where an
 * answer may go.
 *
 * @throws InvalidRequest
 */
export async function knownClient(form: Form, integrations: IntegrationReader): Promise<Integration> {
  const clientId = form.get('client_id') ?? '';
  const tenant = tenantOfClientId(clientId);
  if (tenant === undefined) throw new InvalidRequest('no client id');
  const integration = await integrations.get(tenant, clientId, projectsNamedIn(form));
  if (integration === undefined) throw new InvalidRequest('unknown client');
  if (integration.status !== 'active') throw new InvalidRequest('the client is not active');
  return integration;
}
