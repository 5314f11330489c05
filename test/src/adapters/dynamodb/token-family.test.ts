import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizationCodes } from '../../../../src/adapters/dynamodb/authorization-code.ts';
import type { Table } from '../../../../src/adapters/dynamodb/commands.ts';
import { tokenFamilies } from '../../../../src/adapters/dynamodb/token-family.ts';
import { authorizationCodesInMemory } from '../../../../src/adapters/memory/authorization-code.ts';
import { tokenFamiliesInMemory } from '../../../../src/adapters/memory/token-family.ts';
import type { AuthorizationCode } from '../../../../src/entities/authorization-code.ts';
import { ConcurrentChange, DependencyUnavailable } from '../../../../src/entities/errors.ts';
import { newClientId, newId, newTenantId } from '../../../../src/entities/identifiers.ts';
import { hashOf } from '../../../../src/entities/recognizable-secret.ts';
import type { RefreshState, TokenFamily } from '../../../../src/entities/token-family.ts';
import { tableEngines } from './embedded-table.ts';

const at = '2026-11-21T12:00:00.000Z';
const fresh: RefreshState = { generation: 1, ciphertext: 'AAAA', rotations: 0, idleExpiresAt: at };
const rotatedBy = (who: string): RefreshState => ({ ...fresh, rotations: 1, rotatedAt: at, rotatedBy: who });

function newFamily(changes: Partial<TokenFamily> = {}): TokenFamily {
  const tenant = newTenantId(randomBytes);
  return {
    tenant,
    id: newId('fam', randomBytes),
    clientId: newClientId(tenant, randomBytes),
    grantType: 'authorization_code',
    credential: 'sec_1',
    user: {
      id: 'usr_1',
      generation: 0,
      sessionId: 'ses_1',
      offline: true,
      consentId: 'cns_1',
      authenticatedAt: at,
      methods: ['pwd', 'otp'],
    },
    operator: false,
    scopes: ['openid', 'offline_access'],
    rights: { global: ['users:read'], byProject: { PRJ: ['issues:read'] } },
    resources: ['https://api.example/api/v1'],
    nonce: 'n',
    keyThumbprint: 'jkt',
    createdAt: at,
    expiresAt: '2026-12-21T12:00:00.000Z',
    refresh: fresh,
    ...changes,
  };
}

function newCode({ credential: _, refresh: __, ...family }: TokenFamily): AuthorizationCode {
  const { tenant, clientId } = family;
  const hash = hashOf(newId('cod', randomBytes));
  return { tenant, hash, clientId, redirectUri: 'https://app.example/', codeChallenge: 'c', expiresAt: at, family };
}

const ten = <T>(attempt: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 10 }, (_, index) => attempt(index)));

const inMemory = {
  engine: 'memory',
  skipped: false,
  open: async () => {
    const families = tokenFamiliesInMemory();
    return { families, codes: authorizationCodesInMemory(families), close: async () => {} };
  },
};
const overTables = tableEngines.map(({ engine, skipped, open }) => ({
  engine,
  skipped,
  open: async () => {
    const { table, close } = await open();
    return { families: tokenFamilies(table), codes: authorizationCodes(table), close };
  },
}));

describe.each([inMemory, ...overTables])('families and codes in $engine', ({ open, skipped }) => {
  if (skipped) return it.skip('needs Java');
  let stores: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    stores = await open();
  });
  afterAll(() => stores.close());

  it('are there as they were written, in their tenant alone', async () => {
    const family = newFamily();
    const code = newCode(family);
    await stores.families.create(family);
    await stores.codes.create(code);
    expect(await stores.families.get(family.tenant, family.id)).toMatchObject(family);
    expect(await stores.codes.get(code.tenant, code.hash)).toMatchObject(code);
    const elsewhere = newTenantId(randomBytes);
    expect(await stores.families.get(elsewhere, family.id)).toBeUndefined();
    expect(await stores.codes.get(elsewhere, code.hash)).toBeUndefined();
  });

  it('a code is spent with the family it begins, of ten at once by one', async () => {
    const family = newFamily();
    const code = newCode(family);
    await stores.codes.create(code);
    const redeemed = await ten((index) => stores.codes.redeem(code, { ...family, credential: `sec_${index}` }));
    expect(redeemed.filter(Boolean)).toHaveLength(1);
    expect(await stores.codes.get(code.tenant, code.hash)).toMatchObject({ redeemed: true });
    const credential = `sec_${redeemed.indexOf(true)}`;
    expect(await stores.families.get(family.tenant, family.id)).toMatchObject({ credential });
  });

  it('a code that was never given begins nothing', async () => {
    const family = newFamily();
    expect(await stores.codes.redeem(newCode(family), family)).toBe(false);
    expect(await stores.families.get(family.tenant, family.id)).toBeUndefined();
  });

  it('a family is rotated by one of ten at once, the others are given what it stands at', async () => {
    const family = newFamily();
    await stores.families.create(family);
    const rotations = await ten((index) => stores.families.rotate(family, rotatedBy(`sec_${index}`)));
    const winner = rotations.findIndex(({ rotated }) => rotated);
    const stands = { refresh: rotatedBy(`sec_${winner}`) };
    expect(rotations.filter(({ rotated }) => rotated)).toHaveLength(1);
    for (const rotation of rotations) if (!rotation.rotated) expect(rotation.family).toMatchObject(stands);
    expect(await stores.families.get(family.tenant, family.id)).toMatchObject(stands);
  });

  it('a family that was ended is not rotated, and keeps the time of its end', async () => {
    const family = newFamily();
    await stores.families.create(family);
    await ten(() => stores.families.revoke(family.tenant, family.id, at));
    await stores.families.revoke(family.tenant, family.id, '2026-11-22T00:00:00.000Z');
    const rotation = await stores.families.rotate(family, rotatedBy('sec_1'));
    expect(rotation).toMatchObject({ rotated: false, family: { revokedAt: at, refresh: fresh } });
  });

  it('a family that is ended while ten rotate it is over, whoever came first', async () => {
    const family = newFamily();
    await stores.families.create(family);
    await ten<unknown>((index) =>
      index === 5
        ? stores.families.revoke(family.tenant, family.id, at)
        : stores.families.rotate(family, rotatedBy(`sec_${index}`)),
    );
    const after = await stores.families.get(family.tenant, family.id);
    expect(after?.revokedAt).toBe(at);
    for (const before of [family, { ...family, refresh: after?.refresh }])
      expect(await stores.families.rotate(before, rotatedBy('sec_1'))).toMatchObject({ rotated: false });
  });

  it('ending or rotating what is not there is nothing', async () => {
    const family = newFamily();
    await stores.families.revoke(family.tenant, family.id, at);
    expect(await stores.families.rotate(family, rotatedBy('sec_1'))).toMatchObject({ rotated: false });
    expect(await stores.families.get(family.tenant, family.id)).toBeUndefined();
  });
});

describe('where others are at the same items all the time', () => {
  const contended = { transact: async () => Promise.reject(new ConcurrentChange()), get: async () => undefined };
  const table = contended as unknown as Table;
  const family = newFamily();

  it('nothing is decided', async () => {
    await expect(authorizationCodes(table).redeem(newCode(family), family)).rejects.toThrow(DependencyUnavailable);
    await expect(tokenFamilies(table).revoke(family.tenant, family.id, at)).rejects.toThrow(DependencyUnavailable);
  });
});
