import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentKey } from '../../../src/adapters/dynamodb/consent.ts';
import { signingKeyItem } from '../../../src/adapters/dynamodb/deployment.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { livenessReader } from '../../../src/adapters/dynamodb/liveness.ts';
import { personalAccessTokenKey } from '../../../src/adapters/dynamodb/personal-access-token.ts';
import { revokedTokenKey, revokedTokens } from '../../../src/adapters/dynamodb/revoked-token.ts';
import { sessionKey } from '../../../src/adapters/dynamodb/session.ts';
import { table as names } from '../../../src/adapters/dynamodb/table.ts';
import { tokenFamilyKey } from '../../../src/adapters/dynamodb/token-family.ts';
import { userItemKey } from '../../../src/adapters/dynamodb/user.ts';
import { integrationsInMemory } from '../../../src/adapters/memory/integration.ts';
import { livenessInMemory } from '../../../src/adapters/memory/liveness.ts';
import { revokedTokensInMemory } from '../../../src/adapters/memory/revoked-token.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import type { LivenessReader } from '../../../src/entities/liveness.ts';
import type { RevokedTokenStore } from '../../../src/entities/revoked-token.ts';
import { activeTenant } from '../../active-tenant.ts';
import { newDelegation, newIntegration, newSigner, userId } from '../oauth/access-token/scene.ts';
import { type EmbeddedTable, openEmbeddedTable } from './dynamodb/embedded-table.ts';

const tenant = newTenantId(randomBytes);
const integration = { ...newIntegration(), tenant, clientId: newClientId(tenant, randomBytes) };
const { row: signingKey } = newSigner('ES256');
const query = { tenant, clientId: integration.clientId, tokenId: 'tok_1' };

const active = { tenant, status: 'active', operator: false };

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await openEmbeddedTable();
  await embedded.table.put(activeTenant(integration.tenant));
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
    expect(await open().liveness.read(query)).toEqual({ tenant: active, integration, revoked: false });
  });

  it('brings none for an unknown client, or for a known one under another tenant', async () => {
    const { liveness } = open();
    expect(await liveness.read({ ...query, clientId: 'int_other' })).toEqual({ tenant: active, revoked: false });
    expect((await liveness.read({ ...query, tenant: 'ten_other' })).integration).toBeUndefined();
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
  const liveness = livenessReader(embedded.table);
  const delegated = { familyId: 'fam_1', userId: 'usr_1', sessionId: 'ses_1' };
  for (const asked of [
    query,
    { ...query, kid: signingKey.kid },
    { ...query, familyId: 'fam_1' },
    { ...query, ...delegated, kid: signingKey.kid },
    { tenant, clientId: query.clientId, userId: 'usr_1', personalAccessToken: 'hash' },
  ]) {
    await liveness.read(asked);
    expect(embedded.calls()).toEqual({ BatchGetItem: 1 });
  }
});

it('brings from DynamoDB all that a delegated token hangs on, each by its own tenant, user and id', async () => {
  const { user, consent, session, family } = newDelegation();
  const personalAccessToken = {
    ...{ tenant, userId, id: 'pat_1', hash: 'hash-1', name: 'Script', rights: family.rights, clientId: query.clientId },
    ...{ operator: false, userGeneration: 2, lastFour: '', createdAt: user.createdAt, expiresAt: session.expiresAt },
  };
  const { table } = embedded;
  await table.put({ ...userItemKey(tenant, userId), ...user, tenant });
  await table.put({ ...consentKey(tenant, userId, query.clientId), ...consent, tenant, clientId: query.clientId });
  await table.put({ ...sessionKey(tenant, userId, session.id), ...session, tenant });
  await table.put({ ...tokenFamilyKey(tenant, family.id), ...family, tenant });
  await table.put({ ...personalAccessTokenKey(tenant, userId, 'hash-1'), ...personalAccessToken });
  const liveness = livenessReader(table);
  const asked = { ...query, userId, familyId: family.id, sessionId: session.id };
  expect(await liveness.read(asked)).toMatchObject({
    integration,
    user: { id: userId },
    consent: { id: consent.id },
    session: { id: session.id },
    family: { id: family.id },
  });
  expect(
    await liveness.read({ tenant, clientId: query.clientId, userId, personalAccessToken: 'hash-1' }),
  ).toMatchObject({
    user: { id: userId },
    consent: { id: consent.id },
    personalAccessToken,
  });
  for (const other of [{ tenant: 'ten_other' }, { userId: 'usr_other' }])
    expect(await liveness.read({ ...asked, ...other })).not.toMatchObject({ session: { id: session.id } });
});

it('a revocation is forgotten in DynamoDB a minute after its token has expired', async () => {
  await revokedTokens(embedded.table).revoke({ tenant, tokenId: 'tok_2', expiresAt: 2_000_000_000 });
  expect(await embedded.table.get(revokedTokenKey(tenant, 'tok_2'))).toMatchObject({
    [names.timeToLive]: 2_000_000_060,
  });
});
