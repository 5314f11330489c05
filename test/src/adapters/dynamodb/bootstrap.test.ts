import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootstrapStore } from '../../../../src/adapters/dynamodb/bootstrap.ts';
import { keyRotation } from '../../../../src/adapters/dynamodb/key-rotation.ts';
import { tenantReader } from '../../../../src/adapters/dynamodb/tenant.ts';
import type { Foundation } from '../../../../src/deployment/bootstrap.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import { ConcurrentChange } from '../../../../src/entities/errors.ts';
import { newClientId, newTenantId } from '../../../../src/entities/identifiers.ts';
import { machineOnly } from '../../../../src/entities/integration.ts';
import type { SigningKey } from '../../../../src/entities/signing-key.ts';
import { originOf } from '../../entities/origin.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

const at = '2026-11-21T10:00:00.000Z';
const apis = [{ name: 'admin', url: 'https://one.example/admin/v1' }];
const next: SigningKey = {
  kid: 'kid-1',
  name: 'rs256-1',
  algorithm: 'RS256',
  keyArn: 'arn:1',
  publicJwk: { kty: 'RSA', n: 'n', e: 'AQAB' },
  state: 'next',
  since: at,
};
const active: SigningKey = { ...next, state: 'active', since: '2026-11-22T10:00:00.000Z' };

function foundation(): Foundation {
  const tenant = newTenantId(randomBytes);
  const clientId = newClientId(tenant, randomBytes);
  return {
    tenant: { tenant, name: 'Operator', operator: true, managers: 1 },
    administrator: {
      tenant,
      clientId,
      name: 'Bootstrap administrator',
      status: 'active',
      owner: clientId,
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      jwks: [],
      ...machineOnly,
      rights: {},
      secrets: [],
      tokenGeneration: 0,
      createdAt: at,
      version: 1,
    },
    cursorKey: randomBytes(32),
    event: auditEvent(
      { tenant, action: 'tenant.created', object: tenant },
      originOf('deployment'),
      Date.parse(at),
      randomBytes,
    ),
  };
}

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('the rows of the bootstrap', () => {
    let opened: TableUnderTest;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const store = () => bootstrapStore(opened.table);

    it('are founded once, also for another tenant and also at once', async () => {
      const foundations = Array.from({ length: 5 }, foundation);
      const outcomes = await Promise.allSettled(foundations.map((one) => store().found(one, [{ after: next }], apis)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
      expect(refused.every((reason) => reason instanceof ConcurrentChange)).toBe(true);
      const tenants = await Promise.all(foundations.map(({ tenant }) => tenantReader(opened.table).get(tenant.tenant)));
      expect(tenants.filter((tenant) => tenant !== undefined)).toHaveLength(1);
      expect(await store().read()).toEqual({ keys: [next], apis });
    });

    it('of a key change only from what was read', async () => {
      await store().register([{ after: next }], apis);
      await expect(store().register([{ after: next }], [])).rejects.toThrow(ConcurrentChange);
      expect(await keyRotation(opened.table).take([{ before: next, after: active }])).toBe(true);
      expect(await keyRotation(opened.table).take([{ before: next, after: active }])).toBe(false);
      expect(await keyRotation(opened.table).list()).toEqual([active]);
    });
  });
});
