import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEventStore } from '../../../../src/adapters/dynamodb/audit-event.ts';
import { users } from '../../../../src/adapters/dynamodb/user.ts';
import { auditEvent } from '../../../../src/entities/audit-event.ts';
import { Conflict, InvalidInput, NotFound } from '../../../../src/entities/errors.ts';
import { newTenantId, newUserId } from '../../../../src/entities/identifiers.ts';
import type { User, UserStore } from '../../../../src/entities/user.ts';
import { originOf } from '../../entities/origin.ts';
import { type TableUnderTest, tableEngines } from './embedded-table.ts';

describe.each(tableEngines)('on $engine', ({ skipped, open }) => {
  describe.skipIf(skipped)('users', () => {
    let opened: TableUnderTest;
    let store: UserStore;
    beforeAll(async () => {
      opened = await open();
      store = users(opened.table);
    });
    afterAll(() => opened.close());

    let tenant: string;
    beforeEach(() => {
      tenant = newTenantId(randomBytes);
    });

    const newUser = (more: Partial<User> = {}): User => ({
      tenant,
      id: newUserId(randomBytes),
      username: 'Ada',
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      roles: ['member'],
      status: 'active',
      tokenGeneration: 0,
      version: 1,
      createdAt: '2026-11-21T10:00:00.000Z',
      ...more,
    });
    const event = (action: string, { id }: User) =>
      auditEvent({ tenant, action, object: id }, originOf('usr_1'), Date.now(), randomBytes);
    const create = async (more?: Partial<User>) => {
      const user = newUser(more);
      await store.create(user, event('user.created', user));
      return user;
    };
    const remove = (user: User) => store.delete(user, event('user.deleted', user));
    const listed = async () => (await store.list(tenant, { limit: 10 })).items;

    it('are created, found and listed as they are', async () => {
      const user = await create();
      expect(await store.get(tenant, user.id)).toEqual(user);
      expect(await listed()).toEqual([user]);
    });

    it('have a username and an email that nobody else in the tenant has, whatever the case', async () => {
      await create();
      await expect(create({ username: 'ADA', email: 'b@example.com' })).rejects.toThrow(
        'Another user has this username.',
      );
      await expect(create({ username: 'b', email: 'ADA@example.com' })).rejects.toThrow('Another user has this email.');
      expect(await listed()).toHaveLength(1);
      expect((await auditEventStore(opened.table).list(tenant, {}, { limit: 10 })).items).toHaveLength(1);
    });

    it('of which twenty are the same at once are one', async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => create()));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await listed()).toHaveLength(1);
    });

    it('have no role in a project that does not exist', async () => {
      const roles = [{ role: 'project_administrator' as const, project: 'NONE' }];
      await expect(create({ roles })).rejects.toThrow(InvalidInput);
      expect(await listed()).toEqual([]);
    });

    it('leave username and email free when they are deleted, and are deleted once', async () => {
      const user = await create();
      await remove(user);
      expect(await store.get(tenant, user.id)).toBeUndefined();
      await expect(remove(user)).rejects.toThrow(NotFound);
      await create();
      await expect(create()).rejects.toThrow(Conflict);
    });
  });
});
