import { createIntegration } from '../../conformance/client.ts';
import { registered } from '../applications.ts';
import { until } from '../endpoints.ts';
import type { Scene } from '../operations.ts';
import { succeed } from '../request.ts';

/** What endpoints come to be told of, in every way that they verify it. */
export async function endpointTour({ outputs, admin, project, endpoints }: Scene): Promise<void> {
  const as = (client_id: string) => ({ token: admin, path: { client_id } });
  const { receiver } = endpoints;
  const endpoint = { uri: receiver.url, verification: 'public_key' };
  const { client_id } = await createIntegration(outputs, admin, ['issues:read']);
  await succeed(outputs, 'setEndpoint', { ...as(client_id), body: endpoint });
  await succeed(outputs, 'pingEndpoint', as(client_id));
  // Of a connection, its application's standing is looked at besides.
  const app_id = await registered(outputs, admin, { endpoint });
  await succeed(outputs, 'decideOnConnection', { token: admin, path: { app_id }, body: { decision: 'allow' } });
  const issue = await succeed(outputs, 'createIssue', {
    token: admin,
    path: { project },
    body: { title: 'Told', body: '' },
  });
  const object = `${project}-${issue.body.number}`;
  await until(async () =>
    receiver.received.filter(({ event }) => event.object === object).length > 1 ? true : undefined,
  );

  for (const operation of ['disableIntegration', 'enableIntegration', 'deleteIntegration'] as const)
    await succeed(outputs, operation, as(client_id));
  const deliveries = async () => (await succeed(outputs, 'listDeliveries', as(client_id))).body.items;
  await until(async () => ((await deliveries()).length >= 4 ? true : undefined));
  const page = await succeed(outputs, 'listDeliveries', { ...as(client_id), query: 'limit=1' });
  const cursor = encodeURIComponent(page.body.next_cursor);
  await succeed(outputs, 'listDeliveries', { ...as(client_id), query: `limit=1&cursor=${cursor}` });
}
