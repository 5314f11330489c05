import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  parsePersonalAccessToken,
  personalAccessTokenItem,
  personalAccessTokenKey,
  tokenUses,
} from '../../../../src/adapters/dynamodb/personal-access-token.ts';
import { newClientId, newId, newTenantId, newUserId } from '../../../../src/entities/identifiers.ts';
import type { PersonalAccessToken } from '../../../../src/entities/personal-access-token.ts';
import { type EmbeddedTable, openEmbeddedTable } from './embedded-table.ts';

let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await openEmbeddedTable();
});
afterAll(() => embedded.close());

const now = Date.parse('2026-11-21T12:34:56.789Z');
const atHour = '2026-11-21T12:00:00.000Z';

async function kept(changes: Partial<PersonalAccessToken> = {}): Promise<PersonalAccessToken> {
  const tenant = newTenantId(randomBytes);
  const token: PersonalAccessToken = {
    tenant,
    userId: newUserId(randomBytes),
    id: newId('pat', randomBytes),
    hash: newId('hash', randomBytes),
    name: 'Nightly script',
    rights: { global: ['issues:read'], byProject: {} },
    clientId: newClientId(tenant, randomBytes),
    operator: false,
    userGeneration: 0,
    lastFour: 'abcd',
    createdAt: '2026-11-21T10:00:00.000Z',
    expiresAt: '2026-12-21T10:00:00.000Z',
    ...changes,
  };
  await embedded.table.put(personalAccessTokenItem(token));
  embedded.calls();
  return token;
}

async function found({ tenant, userId, hash }: PersonalAccessToken): Promise<PersonalAccessToken | undefined> {
  const item = await embedded.table.get(personalAccessTokenKey(tenant, userId, hash));
  embedded.calls();
  return item && parsePersonalAccessToken(item);
}

describe('a use of a personal access token', () => {
  it('is noted to the hour, in one write, and changes nothing else', async () => {
    const token = await kept();
    await tokenUses(embedded.table).noteUse(token, now);
    expect(embedded.calls()).toEqual({ TransactWriteItems: 1 });
    expect(await found(token)).toEqual({ ...token, lastUsedAt: atHour });
  });

  it('is noted once an hour: what is read says so already', async () => {
    const token = await kept({ lastUsedAt: atHour });
    await tokenUses(embedded.table).noteUse(token, now);
    expect(embedded.calls()).toEqual({});
    await tokenUses(embedded.table).noteUse(token, now + 3_600_000);
    expect(await found(token)).toMatchObject({ lastUsedAt: '2026-11-21T13:00:00.000Z' });
  });

  it('of ten at once is noted, and none of them fails', async () => {
    const token = await kept();
    await Promise.all(Array.from({ length: 10 }, () => tokenUses(embedded.table).noteUse(token, now)));
    expect(await found(token)).toMatchObject({ lastUsedAt: atHour });
  });

  it('never goes back to an earlier hour', async () => {
    const token = await kept({ lastUsedAt: atHour });
    await tokenUses(embedded.table).noteUse(token, now - 3_600_000);
    expect(await found(token)).toMatchObject({ lastUsedAt: atHour });
  });

  it('of one that was revoked meanwhile leaves nothing behind', async () => {
    const token = await kept();
    await embedded.table.transact([{ delete: personalAccessTokenKey(token.tenant, token.userId, token.hash) }]);
    await tokenUses(embedded.table).noteUse(token, now);
    expect(await found(token)).toBeUndefined();
  });
});
