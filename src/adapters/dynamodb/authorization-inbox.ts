import * as z from 'zod/mini';
import type { AuthorizationInbox, WaitingRights } from '../../entities/authorization-inbox.ts';
import { withRightsAskedNow } from '../../entities/standing.ts';
import { once } from '../../once.ts';
import { applicationStandings } from './application.ts';
import type { Item, Table } from './commands.ts';
import { integrationKey, parseIntegration, requestedRights } from './integration.ts';
import { projectItemKey } from './project.ts';
import { partitionKey } from './table.ts';

const stored = once(() =>
  z.object({
    sk: z.string(),
    clientId: z.string(),
    project: z.optional(z.string()),
    rights: requestedRights(),
  }),
);

function parseWaiting(item: Item): WaitingRights {
  const { sk, ...waiting } = z.parse(stored(), item);
  return { ...waiting, position: sk };
}

/** Sorts after everything that a position is made of. */
const last = '~';

/** What waits for decisions, over the one table. */
export function authorizationInbox(table: Table): AuthorizationInbox {
  return {
    async waiting(tenant, { projects, from, limit }) {
      const [first, end] = boundsOf(projects);
      // A position was given to whoever decided in more projects by then, or to somebody else.
      if (from !== undefined && from > end) return { items: [], more: false };
      const { items, more } = await table.query({
        partition: partitionKey('pending-authorization', tenant),
        from: from === undefined || from < first ? first : from,
        to: end,
        limit,
      });
      return { items: items.map(parseWaiting), more };
    },

    async parties(tenant, clientIds, projects) {
      const items = await table.batchGet([
        ...[...new Set(clientIds)].map((clientId) => integrationKey(tenant, clientId)),
        ...[...new Set(projects)].map((project) => projectItemKey(tenant, project)),
      ]);
      const keysOfProjects = new Set(projects.map((project) => projectItemKey(tenant, project).sk));
      const integrations = items.filter(({ sk }) => !keysOfProjects.has(String(sk))).map(parseIntegration);
      const standings = await applicationStandings(table, integrations);
      return {
        integrations: new Map(
          integrations.map((integration) => [
            integration.clientId,
            withRightsAskedNow(integration, standings.get(integration.application?.id)),
          ]),
        ),
        projects: new Set(
          projects.filter((project) => items.some(({ sk }) => sk === projectItemKey(tenant, project).sk)),
        ),
      };
    },
  };
}

function boundsOf(projects: readonly string[] | undefined): readonly [string, string] {
  if (projects === undefined) return ['GLOBAL#', `PROJECT#${last}`];
  const keys = [...projects].sort();
  return [`PROJECT#${keys[0] ?? ''}#`, `PROJECT#${keys.at(-1) ?? ''}#${last}`];
}
