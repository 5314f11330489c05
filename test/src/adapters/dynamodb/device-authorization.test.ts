import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pause } from '../../../../functions/shared/pause.ts';
import { deviceAuthorizations } from '../../../../src/adapters/dynamodb/device-authorization.ts';
import { tokenFamilies } from '../../../../src/adapters/dynamodb/token-family.ts';
import { type DeviceAuthorization, newUserCode } from '../../../../src/entities/device-authorization.ts';
import { newClientId, newId, newTenantId } from '../../../../src/entities/identifiers.ts';
import { hashOf } from '../../../../src/entities/recognizable-secret.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();

function waiting(changes: Partial<DeviceAuthorization> = {}): DeviceAuthorization {
  const tenant = newTenantId(randomBytes);
  return {
    tenant,
    codeHash: hashOf(newId('dev', randomBytes)),
    userCode: newUserCode(randomBytes),
    clientId: newClientId(tenant, randomBytes),
    parameters: { scope: ['issues:read'] },
    createdAt: at(0),
    expiresAt: at(600),
    intervalSeconds: 5,
    ...changes,
  };
}

const draftOf = ({ tenant, clientId }: DeviceAuthorization) => ({
  tenant,
  id: newId('fam', randomBytes),
  clientId,
  grantType: 'urn:ietf:params:oauth:grant-type:device_code',
  user: {
    id: 'usr_1',
    generation: 0,
    sessionId: 'ses_1',
    offline: false,
    consentId: 'cns_1',
    authenticatedAt: at(0),
    methods: ['pwd' as const],
  },
  operator: false,
  scopes: ['openid'],
  rights: { global: ['issues:read'], byProject: {} },
  resources: [],
  createdAt: at(0),
  expiresAt: at(3600),
});

const familyOf = (authorization: DeviceAuthorization) => ({ ...draftOf(authorization), credential: 'none' });

const ten = <T>(attempt: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 10 }, (_, index) => attempt(index)));
const won = (results: readonly boolean[]) => results.filter(Boolean).length;

describe.each(tableEngines)('device authorizations in $engine', ({ open, skipped }) => {
  if (skipped) return it.skip('needs Java');
  let engine: TableUnderTest;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());
  const store = () => deviceAuthorizations(engine.table, pause);

  it('are found by their device code within their tenant, and by their user code', async () => {
    const authorization = waiting();
    expect(await store().create(authorization, now)).toBe(true);
    expect(await store().get(authorization.tenant, authorization.codeHash)).toEqual(authorization);
    expect(await store().get(newTenantId(randomBytes), authorization.codeHash)).toBeUndefined();
    const { tenant, codeHash, clientId, expiresAt } = authorization;
    expect(await store().findByUserCode(authorization.userCode)).toEqual({ tenant, codeHash, clientId, expiresAt });
    expect(await store().findByUserCode(newUserCode(randomBytes))).toBeUndefined();
  });

  it('never share a user code while it lasts, of ten at once one has it; afterwards it may come again', async () => {
    const userCode = newUserCode(randomBytes);
    expect(won(await ten(() => store().create(waiting({ userCode }), now)))).toBe(1);
    const again = waiting({ userCode });
    expect(await store().create(again, now)).toBe(false);
    expect(await store().get(again.tenant, again.codeHash)).toBeUndefined();
    expect(await store().create(again, now + 601_000)).toBe(true);
    expect(await store().findByUserCode(userCode)).toMatchObject({ codeHash: again.codeHash });
  });

  it('note a poll once for what was read', async () => {
    const authorization = waiting();
    await store().create(authorization, now);
    expect(won(await ten((index) => store().notePoll(authorization, at(index), 5)))).toBe(1);
    const polled = await store().get(authorization.tenant, authorization.codeHash);
    if (polled === undefined) throw new Error('gone');
    expect(won(await ten((index) => store().notePoll(polled, at(20 + index), 10)))).toBe(1);
    expect(await store().get(polled.tenant, polled.codeHash)).toMatchObject({ intervalSeconds: 10 });
    await store().decide(polled, undefined);
    const decided = await store().get(polled.tenant, polled.codeHash);
    expect(await store().notePoll({ ...polled, ...decided }, at(60), 10)).toBe(false);
  });

  it('are decided once, ten at once, and the user code is gone with it', async () => {
    const authorization = waiting();
    await store().create(authorization, now);
    const results = await ten((index) =>
      store().decide(authorization, index % 2 === 0 ? draftOf(authorization) : undefined),
    );
    expect(won(results)).toBe(1);
    expect(await store().findByUserCode(authorization.userCode)).toBeUndefined();
    const decided = await store().get(authorization.tenant, authorization.codeHash);
    const allowed = results.indexOf(true) % 2 === 0;
    expect(decided?.verdict).toBe(allowed ? 'allowed' : 'denied');
    expect(decided?.begins !== undefined).toBe(allowed);
  });

  it('are not decided by way of a user code that leads elsewhere by now', async () => {
    const authorization = waiting();
    await store().create(authorization, now);
    await store().create(waiting({ userCode: authorization.userCode }), now + 601_000);
    expect(await store().decide(authorization, draftOf(authorization))).toBe(false);
  });

  it('are redeemed once, ten at once, and the one family begins with it', async () => {
    const authorization = waiting();
    await store().create(authorization, now);
    await store().decide(authorization, draftOf(authorization));
    const families = Array.from({ length: 10 }, () => familyOf(authorization));
    const results = await Promise.all(families.map((family) => store().redeem(authorization, family)));
    expect(won(results)).toBe(1);
    const kept = await Promise.all(families.map(({ tenant, id }) => tokenFamilies(engine.table).get(tenant, id)));
    expect(kept.map((family) => family !== undefined)).toEqual(results);
  });

  it.each(['pending', 'denied'])('are not redeemed while %s, and no family begins', async (state) => {
    const authorization = waiting();
    await store().create(authorization, now);
    if (state === 'denied') await store().decide(authorization, undefined);
    const family = familyOf(authorization);
    expect(await store().redeem(authorization, family)).toBe(false);
    expect(await tokenFamilies(engine.table).get(family.tenant, family.id)).toBeUndefined();
  });
});
