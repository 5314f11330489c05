import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { integrationStore } from '../../../src/adapters/dynamodb/integration-store.ts';
import { secretWarnings } from '../../../src/adapters/dynamodb/secret-warning.ts';
import { partitionKey } from '../../../src/adapters/dynamodb/table.ts';
import { type SecretWarningPorts, warnOfExpiringSecrets } from '../../../src/deployment/expiring-secrets.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import { type ClientSecret, type Integration, machineOnly } from '../../../src/entities/integration.ts';
import { runningOutAt, withSecretRevoked } from '../../../src/entities/secret-rotation.ts';
import { type TableUnderTest, tableEngines } from '../adapters/dynamodb/embedded-table.ts';
import { originOf } from '../entities/origin.ts';

const day = 86_400_000;
const origin = originOf('deployment', 'request-1');

describe.each(tableEngines)('on $engine', ({ open, skipped }) => {
  if (skipped) return it.skip('needs Java');
  let engine: TableUnderTest;
  let now: number;
  let tenant: string;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());
  beforeEach(() => {
    now = Date.parse('2026-11-21T10:00:00.000Z');
    tenant = newTenantId(randomBytes);
  });

  const store = () => integrationStore(engine.table);
  const ports = (): SecretWarningPorts => ({
    clock: { now: () => now },
    randomBytes,
    warnings: secretWarnings(engine.table),
    integrations: store(),
  });
  const run = async (over: Partial<SecretWarningPorts> = {}) =>
    (await warnOfExpiringSecrets({ ...ports(), ...over }, origin, now + 1000)).warned;
  const secret = (id: string, days?: number): ClientSecret => ({
    id,
    hash: 'hash',
    lastFour: 'abcd',
    createdAt: new Date(now).toISOString(),
    ...(days !== undefined && runningOutAt(now + days * day, now)),
  });
  async function having(secrets: readonly ClientSecret[], members: Partial<Integration> = {}): Promise<Integration> {
    const integration: Integration = {
      tenant,
      clientId: newClientId(tenant, randomBytes),
      name: `Sync ${Math.random()}`,
      status: 'active',
      owner: 'usr_1',
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      jwks: [],
      ...machineOnly,
      rights: {},
      secrets,
      tokenGeneration: 0,
      createdAt: new Date(now).toISOString(),
      version: 1,
      ...members,
    };
    await store().create(integration, { events: [] });
    return integration;
  }
  const told = async ({ clientId }: Integration) =>
    (await auditEventStore(engine.table).list(tenant, { object: clientId }, { limit: 100 })).items;
  const outgoing = async ({ clientId }: Integration) =>
    (await engine.table.query({ partition: partitionKey('outgoing-event', tenant, clientId) })).items;

  it('a secret is told of 14 days, 3 days and 1 day before it runs out, once each', async () => {
    const integration = await having([secret('sec_1', 20), secret('sec_2')]);
    const expires_at = new Date(now + 20 * day).toISOString();
    const warned: number[] = [];
    for (let hour = 0; hour <= 21 * 24; hour += 6) {
      const count = await run();
      for (let each = 0; each < count; each++) warned.push(hour / 24);
      now += day / 4;
    }
    expect(warned).toEqual([6, 17, 19]);
    const events = await told(integration);
    expect(events).toHaveLength(3);
    for (const event of events)
      expect(event).toMatchObject({
        action: 'secret.expiring',
        actor: 'deployment',
        changes: { secret: 'sec_1', expires_at },
      });
    expect(await outgoing(integration)).toEqual([]);
  });

  it('of ten runs at once one tells', async () => {
    const integration = await having([secret('sec_1', 2)]);
    now += day;
    const counts = await Promise.all(Array.from({ length: 10 }, () => run()));
    expect(counts.filter((count) => count === 1)).toHaveLength(1);
    expect(await told(integration)).toHaveLength(1);
    expect(await run()).toBe(0);
  });

  it("its app's endpoint is told in the same transaction, where it wants to know", async () => {
    const wanting = await having([secret('sec_1', 2)], { endpoint: {} });
    const others = [await having([secret('sec_1', 2)], { endpoint: { events: ['right.revoked'] } })];
    now += day;
    expect(await run()).toBe(2);
    expect(await outgoing(wanting)).toEqual([
      expect.objectContaining({
        type: 'secret.expiring',
        object: wanting.clientId,
        clientId: wanting.clientId,
        sequence: 2,
        data: { secret: 'sec_1', expires_at: new Date(now + day).toISOString() },
      }),
    ]);
    for (const other of others) expect(await outgoing(other)).toEqual([]);
  });

  it('one that is revoked, replaced before its end, or deleted with its integration is not told of', async () => {
    const revoked = await having([secret('sec_1', 2)]);
    await store().update(revoked, withSecretRevoked(revoked, 'sec_1'), { events: [] });
    const deleted = await having([secret('sec_1', 2)]);
    await store().delete(deleted, { events: [] });
    now += day;
    expect(await run()).toBe(0);
  });

  it('more of them than a page are all told of in one run, and one that cannot be written hinders no other', async () => {
    const all = [];
    for (let count = 0; count < 45; count++) all.push(await having([secret('sec_1', 2)]));
    const [broken] = all;
    now += day;
    const integrations = store();
    const failing: SecretWarningPorts['integrations'] = {
      get: (...key) => integrations.get(...key),
      update: (before, ...change) =>
        before.clientId === broken?.clientId
          ? Promise.reject(new Error('broken'))
          : integrations.update(before, ...change),
    };
    const result = await warnOfExpiringSecrets({ ...ports(), integrations: failing }, origin, now + 1000);
    expect(result).toEqual({ warned: 44, left: [new Error('broken')] });
    expect(await run()).toBe(1);
  });

  it('a run that has no time left leaves the rest to the next one', async () => {
    await having([secret('sec_1', 2)]);
    now += day;
    expect((await warnOfExpiringSecrets(ports(), origin, now)).warned).toBe(0);
    expect(await run()).toBe(1);
  });
});
