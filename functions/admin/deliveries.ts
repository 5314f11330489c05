import { deliveryStore } from '../../src/adapters/dynamodb/delivery.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { deliveryIdPattern, sentAgain } from '../../src/entities/delivery.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { tenantOfClientId } from '../../src/entities/identifiers.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { endpoint } from '../shared/endpoint.ts';
import { deliveryBody } from '../shared/endpoint-body.ts';
import { pageBody } from '../shared/page.ts';
import { pause } from '../shared/pause.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const deliveries = once(() => deliveryStore(table(), pause));

/** Free text never becomes part of a key. @throws NotFound */
function clientOf(tenant: string, clientId: string): string {
  if (tenantOfClientId(clientId) !== tenant) throw new NotFound();
  return clientId;
}

export const handler = endpoint({
  // Also of an integration that is gone: what it was told last is asked for afterwards.
  listDeliveries: async ({ caller: { tenant }, path, query }) => {
    const clientId = clientOf(tenant, path.client_id);
    return {
      body: await pageBody(
        query,
        { tenant, route: 'listDeliveries', filters: { clientId } },
        (page) => deliveries().list(tenant, clientId, page),
        deliveryBody,
      ),
    };
  },

  redeliver: ({ caller: { tenant }, origin, path }) =>
    decideAgain(async () => {
      const clientId = clientOf(tenant, path.client_id);
      const before = deliveryIdPattern.test(path.id) && (await deliveries().get(tenant, clientId, path.id));
      if (!before) throw new NotFound();
      const now = clock.now();
      const after = sentAgain(before, now);
      const told = { tenant, action: 'delivery.repeated', object: clientId, changes: { delivery: before.id } };
      await deliveries().sendAgain(before, after, auditEvent(told, origin, now, randomBytes));
      return { body: deliveryBody(after) };
    }),
});
