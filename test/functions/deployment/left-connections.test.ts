import { describe, expect, it } from 'vitest';
import { appConnectionKey } from '../../../src/adapters/dynamodb/app-connection.ts';
import { parseTenantStanding, tenantStandingItem, tenantStandingKey } from '../../../src/adapters/dynamodb/tenant.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { actionsIn, allow, connectionsOf, decline, one, registered } from '../admin/application-calls.ts';
import { all } from '../admin/applications-scene.ts';
import { newTenant } from '../admin/scene.ts';
import { leavingTenants } from './tenant-deletion-scene.ts';

const { scene, begin, quiet, run, rowsOf, read } = leavingTenants();

/** A developer whose application one tenant is connected to, one declined, and one was offered and has not decided. */
async function published() {
  const developer = await newTenant(scene(), 'applications:manage');
  const [connected, declined, offered] = [
    await newTenant(scene(), ...all),
    await newTenant(scene(), ...all),
    await newTenant(scene(), ...all),
  ];
  const id = await registered(developer, { tenants: [connected, declined, offered].map(({ tenant }) => tenant) });
  const { client_id } = (await allow(connected, id)).body;
  await decline(declined, id);
  return { developer, connected, declined, offered, id, client_id };
}

/** What lies in the developer's tenant. */
const rowsIn = async ({ tenant }: AuthorizerContext) =>
  (await rowsOf(tenant))
    .filter(({ pk }) => pk.split('#')[1] === tenant)
    .map(({ pk, sk }) => `${pk} ${sk}`)
    .sort();

async function left({ tenant }: AuthorizerContext): Promise<void> {
  await quiet(tenant);
  await run();
  expect((await read(tenant)).status).toBe(404);
}

describe('a developer whose tenant is being deleted', () => {
  it('is shown and told no more; its connections are paused, restored and deleted all the same', async () => {
    const { developer, connected, id, client_id } = await published();
    await begin(developer.tenant);
    const before = await rowsIn(developer);
    expect(before).not.toEqual([]);
    for (const [request, status] of [
      ['POST /disable', 200],
      ['POST /enable', 200],
      ['DELETE', 204],
    ] as const) {
      expect((await one(connected, client_id, request)).status).toBe(status);
      expect(await rowsIn(developer)).toEqual(before);
    }
    expect((await actionsIn(scene(), connected)).slice(0, 3)).toEqual([
      'integration.deleted',
      'integration.enabled',
      'integration.disabled',
    ]);
    expect(await scene().embedded.table.get(appConnectionKey(connected.tenant, id))).toBeUndefined();
  });

  it('is connected by nobody any more, and declined by nobody', async () => {
    const { developer, declined, offered, id } = await published();
    await begin(developer.tenant);
    const before = await rowsIn(developer);
    expect((await allow(offered, id)).status).toBe(404);
    expect((await decline(offered, id)).status).toBe(404);
    expect((await allow(declined, id)).status).toBe(404);
    expect(await rowsIn(developer)).toEqual(before);
    expect(await actionsIn(scene(), offered)).toEqual([]);
  });

  it('leaves nothing behind, whatever others do with their connections then or meanwhile', async () => {
    const { developer, connected, declined, offered, id, client_id } = await published();
    const meanwhile = [
      ...['POST /disable', 'POST /enable', 'POST /disable'].map((request) => one(connected, client_id, request)),
      ...[allow(offered, id), allow(declined, id)],
    ];
    expect((await begin(developer.tenant)).status).toBe(202);
    const statuses = (await Promise.all(meanwhile)).map(({ status }) => status);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    await left(developer);
    for (const request of ['POST /enable', 'POST /disable', 'DELETE']) await one(connected, client_id, request);
    expect(await rowsIn(developer)).toEqual([]);
  });

  it('is shown and told as before where its tenant stays, though it is suspended', async () => {
    const { developer, connected, offered, id, client_id } = await published();
    const { table } = scene().embedded;
    const standing = parseTenantStanding((await table.get(tenantStandingKey(developer.tenant))) ?? {});
    await table.put(tenantStandingItem({ ...standing, status: 'suspended' }));
    await one(connected, client_id, 'POST /disable');
    await decline(offered, id);
    expect(await connectionsOf(developer, id)).toEqual(
      expect.arrayContaining([
        { tenant: connected.tenant, state: 'disabled', accepted_version: 1 },
        { tenant: offered.tenant, state: 'declined' },
      ]),
    );
    expect((await actionsIn(scene(), developer)).slice(0, 2)).toEqual(['connection.declined', 'connection.disabled']);
  });
});
