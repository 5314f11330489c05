import { applicationStandings } from '../../src/adapters/dynamodb/application.ts';
import type { Integration } from '../../src/entities/integration.ts';
import { withRightsAskedNow } from '../../src/entities/standing.ts';
import { table } from './table.ts';

/** The integration with what its application asks for at this moment: one read, of connections alone. */
export async function askedNow(integration: Integration): Promise<Integration> {
  const standings = await applicationStandings(table(), [integration]);
  return withRightsAskedNow(integration, standings.get(integration.application?.id));
}
