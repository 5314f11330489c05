import * as z from 'zod/mini';
import { ConcurrentChange } from '../../entities/errors.ts';
import type { Interaction, InteractionStore } from '../../entities/interaction.ts';
import { once } from '../../once.ts';
import { ConditionFailed, type Item, isNew, type Key, type Table } from './commands.ts';
import { storedMethods } from './holdings.ts';
import { table as names, partitionKey } from './table.ts';

/** Where an interaction lies. */
function interactionKey(tenant: string, id: string): Key {
  return { pk: partitionKey('interaction', tenant, id), sk: 'INTERACTION' };
}

const stored = once(() =>
  z.object({
    tenant: z.string(),
    id: z.string(),
    browserHash: z.optional(z.string()),
    purpose: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('authorization'),
        clientId: z.string(),
        parameters: z.record(z.string(), z.array(z.string())),
      }),
      z.object({ kind: z.literal('device'), userCode: z.string(), clientId: z.string() }),
      z.object({ kind: z.literal('account'), returnTo: z.string() }),
    ]),
    createdAt: z.string(),
    expiresAt: z.string(),
    version: z.number(),
    firstFactor: z.optional(
      z.object({
        userId: z.string(),
        methods: storedMethods(),
        at: z.string(),
        generation: z.number(),
        sessionId: z.optional(z.string()),
      }),
    ),
    signedInAt: z.optional(z.string()),
    accountChosenAt: z.optional(z.string()),
    consentedAt: z.optional(z.string()),
    upstream: z.optional(z.object({ providerId: z.string(), stateHash: z.string(), linkTo: z.optional(z.string()) })),
    challenge: z.optional(z.string()),
  }),
);

/** The interaction of an item read from {@link interactionKey}. */
const parseInteraction = (item: Item): Interaction => z.parse(stored(), item);

const itemOf = (interaction: Interaction): Item => ({
  ...interactionKey(interaction.tenant, interaction.id),
  ...interaction,
  [names.timeToLive]: Math.ceil(Date.parse(interaction.expiresAt) / 1000),
});

/** Interactions over the one table. */
export function interactions(table: Table): InteractionStore {
  return {
    async get(tenant, id) {
      const item = await table.get(interactionKey(tenant, id));
      return item && parseInteraction(item);
    },

    async create(interaction) {
      await table.put(itemOf(interaction), isNew);
    },

    async update(before, change) {
      const after = { ...before, ...change, version: before.version + 1 };
      try {
        await table.put(itemOf(after), {
          expression: 'version = :before',
          values: { ':before': before.version },
        });
      } catch (error) {
        throw error instanceof ConditionFailed ? new ConcurrentChange() : error;
      }
      return after;
    },

    async delete({ tenant, id }) {
      await table.transact([{ delete: interactionKey(tenant, id) }]);
    },
  };
}
