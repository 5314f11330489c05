import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interactions } from '../../../../src/adapters/dynamodb/interaction.ts';
import { ConcurrentChange } from '../../../../src/entities/errors.ts';
import { newTenantId } from '../../../../src/entities/identifiers.ts';
import {
  type InteractionPurpose,
  type InteractionStore,
  newInteraction,
  tenantOfInteraction,
} from '../../../../src/entities/interaction.ts';
import { tableEngines } from './embedded-table.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const tenant = newTenantId(randomBytes);

for (const { engine, skipped, open } of tableEngines)
  describe.skipIf(skipped)(`interactions in ${engine}`, () => {
    let store: InteractionStore;
    let close: () => Promise<void>;
    beforeAll(async () => {
      const opened = await open();
      store = interactions(opened.table);
      close = opened.close;
    });
    afterAll(() => close());

    const begun = async (
      purpose: InteractionPurpose = { kind: 'account', returnTo: '/t/x/account' },
      hash?: string,
    ) => {
      const interaction = newInteraction(tenant, purpose, hash, now, randomBytes);
      await store.create(interaction);
      return interaction;
    };

    it.each<InteractionPurpose>([
      { kind: 'authorization', clientId: 'int_1', parameters: { state: [''], resource: ['a', 'b'] } },
      { kind: 'device', userCode: 'ABCDEFGH', clientId: 'int_1' },
      { kind: 'account', returnTo: '/t/x/account' },
    ])('one is read as it was written: $kind', async (purpose) => {
      const interaction = await begun(purpose, 'a hash');
      expect(await store.get(tenant, interaction.id)).toEqual(interaction);
    });

    it('one is of its tenant, which its id names', async () => {
      const { id } = await begun();
      expect(tenantOfInteraction(id)).toBe(tenant);
      expect(await store.get(newTenantId(randomBytes), id)).toBeUndefined();
    });

    it('a step is added to what was reached, and taken away again', async () => {
      const interaction = await begun();
      const firstFactor = { userId: 'usr_1', methods: ['pwd'], at: '2026-11-21T12:00:00.000Z', generation: 0 } as const;
      const reached = await store.update(interaction, { firstFactor });
      expect(reached).toEqual({ ...interaction, firstFactor, version: 2 });
      expect(await store.get(tenant, interaction.id)).toEqual(reached);
      await store.update(reached, { firstFactor: undefined, signedInAt: '2026-11-21T12:00:01.000Z' });
      const after = await store.get(tenant, interaction.id);
      expect(after).toMatchObject({ signedInAt: '2026-11-21T12:00:01.000Z', version: 3 });
      expect(after).not.toHaveProperty('firstFactor');
    });

    it('of ten steps at once from one state, one is taken', async () => {
      const interaction = await begun();
      const steps = Array.from({ length: 10 }, (_, at) => store.update(interaction, { challenge: `${at}` }));
      const results = await Promise.allSettled(steps);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConcurrentChange);
    });

    it('one that is over stays over, whoever still has it open', async () => {
      const interaction = await begun();
      await store.delete(interaction);
      await store.delete(interaction);
      await expect(store.update(interaction, { challenge: 'x' })).rejects.toBeInstanceOf(ConcurrentChange);
      expect(await store.get(tenant, interaction.id)).toBeUndefined();
    });
  });
