import type { Integration, IntegrationReader } from '../../entities/integration.ts';

/** Integrations that are what they are given; for tests and measurements. */
export function integrationsInMemory(...integrations: readonly Integration[]): IntegrationReader {
  const byKey = new Map(
    integrations.map((integration) => [`${integration.tenant} ${integration.clientId}`, integration]),
  );
  return { get: async (tenant, clientId) => byKey.get(`${tenant} ${clientId}`) };
}
