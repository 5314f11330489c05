import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signingKeyItem } from '../../../src/adapters/dynamodb/deployment.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { livenessReader } from '../../../src/adapters/dynamodb/liveness.ts';
import { revokedTokenKey, revokedTokens } from '../../../src/adapters/dynamodb/revoked-token.ts';
import { table as names } from '../../../src/adapters/dynamodb/table.ts';
import { integrationsInMemory } from '../../../src/adapters/memory/integration.ts';
import { livenessInMemory } from '../../../src/adapters/memory/liveness.ts';
import { revokedTokensInMemory } from '../../../src/adapters/memory/revoked-token.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import type { LivenessReader } from '../../../src/entities/liveness.ts';
import type { RevokedTokenStore } from '../../../src/entities/revoked-token.ts';
import { newIntegration, newSigner } from '../oauth/access-token/scene.ts';
import { type EmbeddedTable, openEmbeddedTable } from './dynamodb/embedded-table.ts';

const tenant = newTenantId(randomBytes);
const integration = { ...newIntegration(), tenant, clientId: newClientId(tenant, randomBytes) };
const { row: signingKey } = newSigner('ES256');
const query = { tenant, clientId: integration.clientId, tokenId: 'tok_1' };

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await openEmbeddedTable();
  await embedded.table.put(integrationItem(integration));
  await embedded.table.put(signingKeyItem(signingKey));
});
afterAll(() => embedded.close());

interface Stores {
  readonly liveness: LivenessReader;
  readonly revoked: RevokedTokenStore;
}

const adapters: Record<string, () => Stores> = {
  memory: () => {
    const revoked = revokedTokensInMemory();
    const keys = { list: async () => [signingKey] };
    return { liveness: livenessInMemory(integrationsInMemory(integration), revoked, keys), revoked };
  },
  dynamodb: () => ({ liveness: livenessReader(embedded.table), revoked: revokedTokens(embedded.table) }),
};

describe.each(Object.entries(adapters))('liveness in %s', (_, open) => {
  it('brings the integration as it is now', async () => {
    expect(await open().liveness.read(query)).toEqual({ integration, revoked: false });
  });

  it('brings none for an unknown client, or for a known one under another tenant', async () => {
    const { liveness } = open();
    expect(await liveness.read({ ...query, clientId: 'int_other' })).toEqual({ revoked: false });
    expect(await liveness.read({ ...query, tenant: 'ten_other' })).toEqual({ revoked: false });
  });

  it('brings the state of a key that is asked for', async () => {
    const { liveness } = open();
    expect(await liveness.read({ ...query, kid: signingKey.kid })).toMatchObject({ signingKey: 'active' });
    expect(await liveness.read({ ...query, kid: 'other' })).toMatchObject({ signingKey: 'unknown' });
  });

  it('knows a revoked token by its tenant and its id, also when it was revoked twice', async () => {
    const { liveness, revoked } = open();
    const tokenId = 'tok_revoked';
    for (let count = 0; count < 2; count++) await revoked.revoke({ tenant, tokenId, expiresAt: 2_000_000_000 });
    expect(await liveness.read({ ...query, tokenId })).toMatchObject({ revoked: true });
    expect(await liveness.read(query)).toMatchObject({ revoked: false });
    expect(await liveness.read({ ...query, tenant: 'ten_other', tokenId })).toMatchObject({ revoked: false });
  });
});

it('is one round trip in DynamoDB, whatever it asks for', async () => {
  embedded.calls();
  await livenessReader(embedded.table).read({ ...query, kid: signingKey.kid });
  expect(embedded.calls()).toEqual({ BatchGetItem: 1 });
});

it('a revocation is forgotten in DynamoDB a minute after its token has expired', async () => {
  await revokedTokens(embedded.table).revoke({ tenant, tokenId: 'tok_2', expiresAt: 2_000_000_000 });
  expect(await embedded.table.get(revokedTokenKey(tenant, 'tok_2'))).toMatchObject({
    [names.timeToLive]: 2_000_000_060,
  });
});
