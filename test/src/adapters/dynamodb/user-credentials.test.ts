import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { passwordLinks } from '../../../../src/adapters/dynamodb/password-link-store.ts';
import { signInAttempts } from '../../../../src/adapters/dynamodb/sign-in-attempts.ts';
import { tenantItem, tenants } from '../../../../src/adapters/dynamodb/tenant.ts';
import { userDirectory, userItemKey, users } from '../../../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../../../src/adapters/dynamodb/user-credentials-store.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import { ConcurrentChange, NotFound } from '../../../../src/entities/errors.ts';
import { newTenantId, newUserId } from '../../../../src/entities/identifiers.ts';
import { newPasswordLink } from '../../../../src/entities/password-link.ts';
import type { User } from '../../../../src/entities/user.ts';
import { noCredentials } from '../../../../src/entities/user-credentials.ts';
import { originOf } from '../../entities/origin.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

const ten = <Result>(attempt: (at: number) => Promise<Result>) =>
  Promise.allSettled(Array.from({ length: 10 }, (_, at) => attempt(at)));
const done = <Result>(outcomes: readonly PromiseSettledResult<Result>[]) =>
  outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('what users sign in with', () => {
    let opened: TableUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    let tenant: string;
    let user: User;
    beforeEach(async () => {
      tenant = newTenantId(randomBytes);
      user = {
        tenant,
        id: newUserId(randomBytes),
        username: 'Ada',
        email: 'Ada@example.com',
        name: 'Ada Lovelace',
        roles: ['member'],
        status: 'active',
        tokenGeneration: 0,
        version: 1,
        createdAt: '2026-11-21T10:00:00.000Z',
      };
      await users(opened.table).create(user, event());
    });
    const event = (action = 'user.changed') =>
      auditEvent({ tenant, action, object: user.id }, originOf('usr_1'), Date.now(), randomBytes);
    const stored = () => users(opened.table).get(tenant, user.id);
    const credentials = () => userCredentials(opened.table);
    const none = () => noCredentials(tenant, user.id);

    it('a user is found by username and email, whatever the case, and by nothing else', async () => {
      const { idOf } = userDirectory(opened.table);
      for (const typed of ['ada', 'ADA', 'ada@EXAMPLE.com']) expect(await idOf(tenant, typed)).toBe(user.id);
      for (const typed of ['', 'adam', 'ada@example.org', 'x'.repeat(3000)])
        expect(await idOf(tenant, typed)).toBeUndefined();
      expect(await idOf(newTenantId(randomBytes), 'ada')).toBeUndefined();
    });

    it('of ten changes of a user that were decided on the same, one is made', async () => {
      const outcomes = await ten((at) => users(opened.table).update(user, { ...user, name: `Name ${at}` }, event()));
      expect(done(outcomes)).toHaveLength(1);
      expect((await stored())?.version).toBe(2);
      await expect(users(opened.table).delete(user, event())).rejects.toThrow(ConcurrentChange);
    });

    it('a user from before versions were counted is changed, and deleted, as one of the first', async () => {
      const { version: _, tokenGeneration: __, ...before } = user;
      await opened.table.put({ ...userItemKey(tenant, user.id), ...before });
      expect(await stored()).toEqual(user);
      await credentials().changePassword(user, none(), 'hash', event());
      expect(await stored()).toMatchObject({ version: 2, tokenGeneration: 1 });
    });

    it('of ten new passwords one is set, and the token generation rises by one', async () => {
      const outcomes = await ten((at) => credentials().changePassword(user, none(), `hash ${at}`, event()));
      expect(done(outcomes)).toHaveLength(1);
      expect(await stored()).toMatchObject({ version: 2, tokenGeneration: 1 });
      expect(await credentials().get(tenant, user.id)).toMatchObject({ version: 1 });
    });

    it('another hash takes the place of the one that was read, and of no other', async () => {
      await credentials().changePassword(user, none(), 'old', event());
      const read = { ...none(), passwordHash: 'old', version: 1 };
      await credentials().upgradeHash(read, 'new');
      await credentials().upgradeHash(read, 'newer');
      expect(await credentials().get(tenant, user.id)).toMatchObject({ passwordHash: 'new', version: 2 });
      expect(await stored()).toMatchObject({ tokenGeneration: 1 });
    });

    it('who was deleted meanwhile is given no credentials, and no link', async () => {
      await users(opened.table).delete(user, event());
      await expect(credentials().update(none(), none())).rejects.toThrow(ConcurrentChange);
      await expect(credentials().changePassword(user, none(), 'hash', event())).rejects.toThrow(ConcurrentChange);
      const { link } = newPasswordLink(user, Date.now(), randomBytes);
      await expect(passwordLinks(opened.table).issue(link, event())).rejects.toThrow(NotFound);
      expect(await credentials().get(tenant, user.id)).toBeUndefined();
    });

    it('a link is used once, by one of ten at once', async () => {
      const { link } = newPasswordLink(user, Date.now(), randomBytes);
      await passwordLinks(opened.table).issue(link, event());
      const use = (at: number) =>
        passwordLinks(opened.table).consume(
          link,
          { user, credentials: none(), passwordHash: `hash ${at}` },
          event('user.password_set'),
        );
      expect(done(await ten(use)).filter((used) => used)).toHaveLength(1);
      expect(await use(0)).toBe(false);
      expect(await stored()).toMatchObject({ tokenGeneration: 1 });
      expect(await passwordLinks(opened.table).get(tenant, user.id)).toBeUndefined();
    });

    it('of ten attempts that were counted on the same, one counts; right ones are taken off again', async () => {
      const store = signInAttempts(opened.table);
      const after = (version: number) => ({ count: version, at: 1000, version });
      const first = [{ counter: 'one', before: undefined, after: after(1) }];
      expect(done(await ten(() => store.count(tenant, first)))).toHaveLength(1);
      const more = [
        { counter: 'one', before: after(1), after: after(2) },
        { counter: 'two', before: undefined, after: after(1) },
      ];
      expect(done(await ten(() => store.count(tenant, more)))).toHaveLength(1);
      await store.forgive(tenant, ['one', 'two']);
      await store.forgive(tenant, ['nowhere']);
      const { attempts, user: found } = await store.read(tenant, user.id, ['one', 'two', 'nowhere']);
      expect(Object.fromEntries(attempts)).toMatchObject({ one: { count: 1 }, two: { count: 0 } });
      expect(found).toEqual(user);
      await store.knowDevice(tenant, 'three', 5000);
      expect((await store.read(tenant, user.id, ['three'])).attempts.get('three')).toMatchObject({
        count: 0,
        at: 5000,
      });
    });

    it('of ten changes of a tenant that were decided on the same, one is made', async () => {
      const before = { tenant, name: 'Tenant', operator: false, managers: 1 };
      await opened.table.put(tenantItem(before));
      const store = tenants(opened.table);
      expect(done(await ten((at) => store.update(before, { ...before, name: `Name ${at}` }, event())))).toHaveLength(1);
      const now = await store.get(tenant);
      if (now === undefined) throw new Error('no tenant');
      expect(done(await ten((at) => store.update(now, { ...now, name: `Name ${at}` }, event())))).toHaveLength(1);
      expect((await store.get(tenant))?.version).toBe(2);
    });
  });
});
