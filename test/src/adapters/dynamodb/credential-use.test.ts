import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { credentialUses } from '../../../../src/adapters/dynamodb/credential-use.ts';
import { type Client, lastUseOf } from '../../../../src/entities/credential-use.ts';
import { newClientId, newTenantId } from '../../../../src/entities/identifiers.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

const now = Date.parse('2026-11-21T12:34:56.789Z');
const hour = 3_600_000;
const tenant = newTenantId(randomBytes);

describe.each(tableEngines)('uses of credentials in $engine', ({ open, skipped }) => {
  if (skipped) return it.skip('needs Java');
  let engine: TableUnderTest;
  let client: Client;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());
  beforeEach(() => {
    const secrets = Array.from({ length: 10 }, (_, index) => ({ id: `sec_${index}` }));
    client = {
      tenant,
      clientId: newClientId(tenant, randomBytes),
      secrets,
      jwks: [{ kid: 'a key', kty: 'EC' }],
    } as unknown as Client;
  });
  const store = () => credentialUses(engine.table);
  const known = () => store().get(tenant, client.clientId);
  const current = async (): Promise<Client> => ({ ...client, credentialUses: await known() });
  const lastUse = async (credential: string) => lastUseOf(await known(), credential);

  it('are noted to the hour, those of keys as those of secrets', async () => {
    await store().note(client, 'sec_0', now);
    await store().note(await current(), 'a key', now + hour);
    expect(await known()).toEqual({
      tenant,
      clientId: client.clientId,
      uses: [
        { credential: 'sec_0', at: '2026-11-21T12:00:00.000Z' },
        { credential: 'a key', at: '2026-11-21T13:00:00.000Z' },
      ],
      version: 2,
    });
  });

  it('are written once an hour, and never back in time', async () => {
    await store().note(client, 'sec_0', now);
    await store().note(await current(), 'sec_0', now + 1000);
    await store().note(await current(), 'sec_0', now - hour);
    expect((await known())?.version).toBe(1);
    await store().note(await current(), 'sec_0', now + hour);
    expect(await known()).toMatchObject({ version: 2, uses: [{ at: '2026-11-21T13:00:00.000Z' }] });
  });

  it('of one credential, noted ten times at once, are one write', async () => {
    await Promise.all(Array.from({ length: 10 }, () => store().note(client, 'sec_0', now)));
    expect((await known())?.version).toBe(1);
  });

  it('of two credentials at once are both noted', async () => {
    await Promise.all([store().note(client, 'sec_0', now), store().note(client, 'sec_1', now)]);
    expect([await lastUse('sec_0'), await lastUse('sec_1')]).toEqual(Array(2).fill('2026-11-21T12:00:00.000Z'));
  });

  it('of credentials that are gone are forgotten with the next one that is noted', async () => {
    await store().note(client, 'sec_0', now);
    await store().note({ ...(await current()), secrets: client.secrets.slice(1) }, 'sec_1', now);
    expect((await known())?.uses.map(({ credential }) => credential)).toEqual(['sec_1']);
  });
});
