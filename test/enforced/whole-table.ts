import { join } from 'node:path';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { expect } from 'vitest';
import * as z from 'zod/mini';
import { defaultPlace } from '../../local/assembly.ts';
import { openDynamoDb } from '../../local/dynamodb/service.ts';

const itemShape = z.looseObject({ pk: z.string(), sk: z.string() });
type Item = z.infer<typeof itemShape>;

/** Every item of the table of a deployment that is not running. */
export async function itemsOf(dataDirectory: string, tableName: string): Promise<readonly Item[]> {
  const table = await openDynamoDb({ directory: join(dataDirectory, 'dynamodb'), clock: Date.now, ...defaultPlace });
  const items: Item[] = [];
  for (let ExclusiveStartKey: unknown; ; ) {
    const page = (await table.call('Scan', {
      TableName: tableName,
      ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
    })) as {
      Items: Parameters<typeof unmarshall>[0][];
      LastEvaluatedKey?: unknown;
    };
    items.push(...page.Items.map((item) => itemShape.parse(unmarshall(item))));
    ExclusiveStartKey = page.LastEvaluatedKey;
    if (ExclusiveStartKey === undefined) break;
  }
  await table.close();
  return items;
}

/**
 * Nothing is half done: each integration has its name and each name its integration, each version of it was told of by
 * one write and each event has its four places, issues are numbered without gaps up to their project's counter, what was
 * redeemed has begun its family and nothing else has, and whose password was set has no link any more.
 */
export function expectWhole(items: readonly Item[]): void {
  const integrations = items.filter(({ sk }) => sk === 'INTEGRATION');
  const names = items.filter(({ pk }) => pk.startsWith('INTEGRATION_NAME#'));
  const shown = ({ name, status }: Item, clientId: unknown) => ({ clientId, name, status });
  expect(new Set(names.map((item) => shown(item, item.client_id)))).toEqual(
    new Set(integrations.map((item) => shown(item, item.clientId))),
  );
  expect(names.length).toBe(integrations.length);

  const events = Map.groupBy(
    items.filter(({ pk }) => pk.startsWith('AUDIT_EVENT#')),
    ({ sk }) => sk,
  );
  for (const places of events.values()) expect(places).toHaveLength(4);
  const told = [...events.values()].flatMap(([event]) => (event === undefined ? [] : [event]));
  for (const { clientId, version, owner } of integrations) {
    // The bootstrap's own event is that of its tenant.
    const ofVersions = told.filter(
      ({ event_object, event_action }) => event_object === clientId && !changeNothing.has(String(event_action)),
    );
    // One write may tell several events: what was done, and what became of each right.
    const writes = new Set(ofVersions.map(({ request_id, event_at }) => `${request_id} ${event_at}`));
    expect(writes.size, `events of ${clientId}`).toBe(owner === clientId ? 0 : version);
  }
  for (const [clientId, ofObject] of Map.groupBy(told, ({ event_object }) => event_object)) {
    const actions = ofObject.map(({ event_action }) => event_action);
    if (!actions.includes('integration.created')) continue;
    expect(actions.filter((action) => action === 'integration.created')).toHaveLength(1);
    expect(actions.includes('integration.deleted')).toBe(!integrations.some((item) => item.clientId === clientId));
  }

  expectRedeemedOnce(items);
  expectPasswordsByLink(items, told);

  for (const counter of items.filter(({ sk }) => sk === 'COUNTER')) {
    const issues = items.filter(({ pk, sk }) => pk === counter.pk && sk !== 'COUNTER');
    expect(issues.length).toBe(counter.lastNumber);
  }
}

/** What is told of an integration that stays as it is. */
const changeNothing = new Set([
  'secret.read',
  'authorization.replayed',
  'authorization.legacy_flow',
  // Its endpoint has a version of its own.
  'endpoint.key_added',
  'endpoint.paused',
  'endpoint.resumed',
  'delivery.repeated',
]);

function expectRedeemedOnce(items: readonly Item[]): void {
  const families = new Set(items.filter(({ sk }) => sk === 'TOKEN_FAMILY').map(({ id }) => id));
  const codes = items.filter(({ sk }) => sk === 'CODE' || sk === 'DEVICE_AUTHORIZATION');
  const begun = codes.flatMap(({ redeemed, family, begins }) =>
    redeemed === undefined ? [] : [z.parse(whatBegan, family ?? begins).id],
  );
  expect(new Set(begun)).toEqual(families);
  expect(begun).toHaveLength(families.size);
}

const whatBegan = z.object({ id: z.string() });

function expectPasswordsByLink(items: readonly Item[], told: readonly Item[]): void {
  const set = told
    .filter(({ event_action }) => event_action === 'user.password_set')
    .map((event) => event.event_object);
  const withPassword = items.filter(({ passwordHash }) => passwordHash !== undefined).map(({ userId }) => userId);
  expect([...set].sort()).toEqual([...withPassword].sort());
  const links = items.filter(({ pk }) => pk.startsWith('PASSWORD_LINK#')).map(({ userId }) => userId);
  expect(links.filter((userId) => set.includes(userId))).toEqual([]);
}
