import { randomBytes } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent, ScheduledEvent } from 'aws-lambda';
import { vi } from 'vitest';
import { handler as deliveriesHandler } from '../../../functions/admin/deliveries.ts';
import { handler as endpointHandler } from '../../../functions/admin/endpoint.ts';
import { handler as integrationsHandler } from '../../../functions/admin/integrations.ts';
import { handler as issuesHandler } from '../../../functions/api/issues.ts';
import { handler } from '../../../functions/deployment/deliveries.ts';
import type { Item } from '../../../src/adapters/dynamodb/commands.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { outgoingEventAction } from '../../../src/adapters/dynamodb/outgoing-event.ts';
import { projectItemKey } from '../../../src/adapters/dynamodb/project.ts';
import { tenantItem } from '../../../src/adapters/dynamodb/tenant.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import { type Integration, machineOnly } from '../../../src/entities/integration.ts';
import { type OutgoingEvent, outgoingEvent } from '../../../src/entities/outgoing-event.ts';
import { environment } from '../../../src/environment.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { activeTenant } from '../../active-tenant.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { type Answered, callHandler, deployTable } from '../deployment.ts';
import { deployKeys, type KeyManagement } from '../key-management.ts';

/** The functions that have to do with endpoints, over one table. */
export interface DeliveryScene {
  readonly embedded: EmbeddedTable;
  readonly keys: KeyManagement;
  close(): Promise<void>;
}

export async function deployDeliveries(): Promise<DeliveryScene> {
  const embedded = await deployTable();
  const keys = await deployKeys();
  Object.assign(process.env, {
    [environment.loopbackFetch]: 'on',
    [environment.service]: 'deployment/deliveries',
    AWS_LAMBDA_FUNCTION_NAME: 'deliveries',
  });
  return {
    embedded,
    keys,
    close: async () => {
      await keys.close();
      await embedded.close();
    },
  };
}

/** An integration in a tenant of its own, with a caller who may manage it. */
export interface App {
  readonly integration: Integration;
  readonly caller: AuthorizerContext;
}

export async function newApp({ embedded }: DeliveryScene, ...rights: readonly string[]): Promise<App> {
  const tenant = newTenantId(randomBytes);
  await embedded.table.put(activeTenant(tenant));
  await embedded.table.put(tenantItem({ tenant, name: 'Tenant', operator: false, managers: 1 }));
  await embedded.table.put({ ...projectItemKey(tenant, 'PRJ'), tenant, key: 'PRJ', name: 'Project', createdAt: '' });
  return anotherApp({ embedded }, tenant, ...rights);
}

export async function anotherApp(
  { embedded }: Pick<DeliveryScene, 'embedded'>,
  tenant: string,
  ...rights: readonly string[]
): Promise<App> {
  const clientId = newClientId(tenant, randomBytes);
  const granted = { state: 'granted', requestedBy: 'usr_1', decidedBy: 'usr_1' } as const;
  const integration: Integration = {
    tenant,
    clientId,
    name: `App ${clientId}`,
    status: 'active',
    owner: 'usr_caller',
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    jwks: [],
    ...machineOnly,
    rights: Object.fromEntries(rights.map((right) => [right, granted])),
    secrets: [],
    tokenGeneration: 0,
    createdAt: new Date().toISOString(),
    version: 1,
  };
  await embedded.table.put(integrationItem(integration));
  const { name } = integration;
  await embedded.table.put({ pk: `INTEGRATION_NAME#${tenant}#`, sk: name.toLowerCase(), client_id: clientId, name });
  return {
    integration,
    caller: {
      kind: 'access-token',
      tenant,
      subject: 'usr_caller',
      clientId: 'int_caller',
      credential: 'sec_caller',
      rights: ['integrations:manage', 'issues:write'],
      ofOperator: false,
      projectRights: {},
      tokenId: 'tok_caller',
    },
  };
}

const send = {
  endpoint: callHandler(endpointHandler),
  deliveries: callHandler(deliveriesHandler),
  integrations: callHandler(integrationsHandler),
  issues: callHandler(issuesHandler),
};

/** Calls an operation on the app: `call(app, 'PUT endpoint', body)`, `call(app, 'POST deliveries/{id}/redeliver', …)`. */
export function call(
  { caller, integration: { clientId } }: App,
  request: string,
  body?: unknown,
  { id, query }: { readonly id?: string; readonly query?: Readonly<Record<string, string>> } = {},
): Promise<Answered> {
  const [method = '', rest = ''] = request.split(' ');
  const entry = rest.startsWith('endpoint')
    ? 'endpoint'
    : rest.startsWith('deliveries')
      ? 'deliveries'
      : 'integrations';
  const route = `${method} /v1/integrations/{client_id}${rest === '' ? '' : `/${rest}`}`;
  const path = { client_id: clientId, ...(id !== undefined && { id }) };
  return send[entry](route, { caller, path, ...(body !== undefined && { body }), ...(query && { query }) });
}

/** Creates an issue in PRJ, or changes one. */
export function changeIssue({ caller }: App, number?: number): Promise<Answered> {
  const inProject = { ...caller, project: 'PRJ' };
  const path = { project: 'PRJ', ...(number !== undefined && { number: String(number) }) };
  return number === undefined
    ? send.issues('POST /v1/projects/{project}/issues', { caller: inProject, path, body: { title: 'Door' } })
    : send.issues('PATCH /v1/projects/{project}/issues/{number}', {
        caller: inProject,
        path,
        headers: { 'If-Match': '*' },
        body: { title: 'Window' },
      });
}

/** The outbox's rows of objects, as the stream tells of them. */
export async function outbox({ embedded }: DeliveryScene, tenant: string, ...objects: readonly string[]) {
  const found: Item[] = [];
  for (const object of objects) {
    const { items } = await embedded.table.query({ partition: `OUTGOING_EVENT#${tenant}#${object}#` });
    found.push(...items);
  }
  return found;
}

let sequenceNumber = 1;

/** AWS's documented form of a record of a table's stream. */
export function recordOf(item: Item): DynamoDBRecord {
  return {
    eventID: String(sequenceNumber),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-west-1',
    dynamodb: {
      Keys: marshall({ pk: item.pk, sk: item.sk }) as never,
      NewImage: marshall(item, { removeUndefinedValues: true }) as never,
      SequenceNumber: String(sequenceNumber++).padStart(21, '0'),
      SizeBytes: 300,
      StreamViewType: 'NEW_IMAGE',
    },
  };
}

const context = { awsRequestId: 'run-1' };

/** The stream tells of these rows. */
export const stream = (items: readonly Item[]) =>
  handler({ Records: items.map(recordOf) } satisfies DynamoDBStreamEvent, context);

/** A minute has passed. */
export const minute = () => handler({ 'detail-type': 'Scheduled Event' } as ScheduledEvent, context);

/** The row of an event that was never written: of a stream whose table need not hold it any more. */
export function eventRow(
  { integration: { tenant, clientId } }: App,
  sequence: number,
  more: Partial<OutgoingEvent> = {},
): Item {
  const told = { tenant, type: 'integration.disabled', object: clientId, sequence, clientId, data: {} } as const;
  const action = outgoingEventAction({ ...outgoingEvent(told, Date.now(), randomBytes), ...more });
  return 'put' in action ? action.put : {};
}

/** Time passes for all that looks at the clock. */
export function later(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
}
