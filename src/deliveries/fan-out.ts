import { holds } from '../api/rights.ts';
import { type DeliveryStore, newDelivery } from '../entities/delivery.ts';
import { type Endpoint, type EndpointReader, wants } from '../entities/endpoint.ts';
import type { OutgoingEvent } from '../entities/outgoing-event.ts';
import type { HeldInProject, RightsInProject } from '../entities/rights-in-project.ts';
import type { Telling } from '../entities/standing.ts';
import type { Tellings } from '../entities/tellings.ts';

/** What says when somebody may be told of an event. */
export interface AudiencePorts {
  readonly rights: RightsInProject;
  readonly tellings: Tellings;
}

export interface FanOutPorts extends AudiencePorts {
  readonly endpoints: EndpointReader;
  readonly deliveries: Pick<DeliveryStore, 'enqueue' | 'withoutIt'>;
}

/** The right without which nobody is told of a project's issues. */
const issueRight = 'issues:read';

/** Endpoints looked at in one round trip. */
const pageSize = 45;

/** Queues that are written to at the same time. */
const atOnce = 20;

/**
 * Puts the event into the queue of each endpoint that may know of it; done twice it is done once, and what a run that was
 * cut off did is not done again.
 *
 * @returns the client ids of those endpoints
 * @throws DependencyUnavailable some may not have it: it must be done again
 */
export async function fanOut(event: OutgoingEvent, ports: FanOutPorts): Promise<readonly string[]> {
  const told: string[] = [];
  for await (const clientIds of audience(event, ports)) {
    for (let from = 0; from < clientIds.length; from += atOnce) {
      const some = clientIds.slice(from, from + atOnce);
      await Promise.all(some.map((clientId) => ports.deliveries.enqueue(newDelivery(event, clientId))));
    }
    told.push(...clientIds);
  }
  return told;
}

async function* audience(event: OutgoingEvent, ports: FanOutPorts): AsyncGenerator<readonly string[]> {
  const { endpoints, deliveries, rights } = ports;
  const { tenant, clientId, project } = event;
  if (clientId !== undefined) {
    const endpoint = await endpoints.get(tenant, clientId);
    if (endpoint === undefined || !concerns(event, endpoint)) return;
    if ((await tellingOf(event, clientId, ports)) !== 'never') yield [clientId];
    return;
  }
  if (project === undefined) return;
  let after: string | undefined;
  do {
    const page = await endpoints.list(tenant, { limit: pageSize, ...(after !== undefined && { after }) });
    const wanting = page.items.filter((endpoint) => concerns(event, endpoint)).map((endpoint) => endpoint.clientId);
    const left = wanting.length > 0 ? await deliveries.withoutIt(event, wanting) : [];
    if (left.length > 0) {
      const held = await rights.of(tenant, project, left);
      yield left.filter((reader) => tellingOfIssue(held.get(reader)) !== 'never');
    }
    after = page.last;
  } while (after !== undefined);
}

/** Whether the event is one that the endpoint wants, and of its time. */
function concerns({ type, at }: OutgoingEvent, endpoint: Endpoint): boolean {
  const { createdAt, removedAt } = endpoint;
  return wants(endpoint, type) && createdAt <= at && (removedAt === undefined || at <= removedAt);
}

/**
 * When an integration may be told of the event: of what concerns it, unless its application is stopped; of an issue, while
 * it may read it; of either once its tenant is not suspended.
 */
export async function tellingOf(
  { tenant, clientId, application, project }: OutgoingEvent,
  reader: string,
  { rights, tellings }: AudiencePorts,
): Promise<Telling> {
  if (clientId !== undefined || project === undefined) return tellings.of(tenant, application);
  return tellingOfIssue((await rights.of(tenant, project, [reader])).get(reader));
}

function tellingOfIssue(held: HeldInProject | undefined): Telling {
  return held !== undefined && holds(held.rights, issueRight) ? held.telling : 'never';
}
