import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../../src/adapters/dynamodb/audit-event.ts';
import { consents } from '../../../../src/adapters/dynamodb/consent.ts';
import {
  parsePersonalAccessToken,
  personalAccessTokenKey,
  tokenUses,
} from '../../../../src/adapters/dynamodb/personal-access-token.ts';
import { personalAccessTokens } from '../../../../src/adapters/dynamodb/personal-access-token-store.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import type { Consent } from '../../../../src/entities/consent.ts';
import { Conflict, NotFound } from '../../../../src/entities/errors.ts';
import { newClientId, newId, newTenantId, newUserId } from '../../../../src/entities/identifiers.ts';
import type { PersonalAccessToken } from '../../../../src/entities/personal-access-token.ts';
import { originOf } from '../../entities/origin.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

const at = '2026-11-21T10:00:00.000Z';

describe.each(tableEngines)('personal access tokens on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('each of a user of its own', () => {
    let opened: TableUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    let consent: Consent;
    const event = (action = 'test') =>
      auditEvent(
        { tenant: consent.tenant, action, object: consent.userId },
        originOf('usr_1'),
        Date.now(),
        randomBytes,
      );
    const store = () => personalAccessTokens(opened.table);
    beforeEach(async () => {
      const tenant = newTenantId(randomBytes);
      const clientId = newClientId(tenant, randomBytes);
      consent = {
        ...{ tenant, userId: newUserId(randomBytes), clientId, id: newId('cns', randomBytes) },
        ...{ scopes: [], rights: { global: [], byProject: {} }, createdAt: at, updatedAt: at },
      };
      await consents(opened.table).put(undefined, consent, event());
    });

    const token = (more: Partial<PersonalAccessToken> = {}): PersonalAccessToken => ({
      ...{ tenant: consent.tenant, userId: consent.userId, clientId: consent.clientId, consentId: consent.id },
      ...{ id: newId('pat', randomBytes), hash: randomBytes(32).toString('base64url'), name: 'Script' },
      rights: { global: ['issues:read'], byProject: { PRJ: ['boards:write'] } },
      ...{ operator: false, userGeneration: 0, lastFour: 'abcd', createdAt: at, expiresAt: '2026-12-21T10:00:00.000Z' },
      ...more,
    });
    const listed = () => store().list(consent.tenant, consent.userId);
    const withdraw = () =>
      consents(opened.table).withdraw(consent.tenant, consent.userId, consent.clientId, event('withdrawn'));
    const actions = async () => {
      const { items } = await auditEventStore(opened.table).list(consent.tenant, {}, { limit: 100 });
      return items.map(({ action }) => action);
    };

    it('one is kept as it was made, and told of', async () => {
      const made = token();
      await store().create(made, event('made'));
      expect(await listed()).toEqual([made]);
      expect(await actions()).toContain('made');
    });

    it('none is made where the consent is gone or another, and nothing is told', async () => {
      await expect(store().create(token({ consentId: 'cns_other' }), event('made'))).rejects.toThrow(Conflict);
      await withdraw();
      await expect(store().create(token(), event('made'))).rejects.toThrow(Conflict);
      expect(await listed()).toEqual([]);
      expect(await actions()).not.toContain('made');
    });

    it('one that needs no consent is made without', async () => {
      await withdraw();
      await store().create(token({ consentId: undefined }), event());
      expect(await listed()).toHaveLength(1);
    });

    it('those made through an app go with the consent to it', async () => {
      const [one, other] = [
        token(),
        token({ clientId: newClientId(consent.tenant, randomBytes), consentId: undefined }),
      ];
      for (const each of [one, token(), other]) await store().create(each, event());
      await withdraw();
      expect(await listed()).toEqual([other]);
    });

    it('of ten revocations at once one succeeds, and is told of once', async () => {
      const made = token();
      await store().create(made, event('made'));
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, () => store().revoke(made, event('revoked'))),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await expect(store().revoke(made, event('revoked'))).rejects.toThrow(NotFound);
      expect((await actions()).filter((action) => action === 'revoked')).toHaveLength(1);
    });

    it('a use is noted to the hour, and on nothing that was revoked', async () => {
      const made = token();
      await store().create(made, event());
      const uses = tokenUses(opened.table);
      await uses.noteUse(made, Date.parse('2026-11-21T11:47:00.000Z'));
      const key = personalAccessTokenKey(made.tenant, made.userId, made.hash);
      const item = await opened.table.get(key);
      expect(item && parsePersonalAccessToken(item).lastUsedAt).toBe('2026-11-21T11:00:00.000Z');
      await store().revoke(made, event());
      await uses.noteUse(made, Date.parse('2026-11-21T12:47:00.000Z'));
      expect(await listed()).toEqual([]);
    });
  });
});
