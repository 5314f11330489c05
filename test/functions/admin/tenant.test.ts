import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/tenant.ts';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { managerGained, tenantItem, tenantReader } from '../../../src/adapters/dynamodb/tenant.ts';
import { rightNames } from '../../../src/api/rights.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable, newCaller } from '../deployment.ts';

const send = callHandler(handler);
let embedded: EmbeddedTable;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());

const ofTenant = rightNames.filter((right) => right !== 'tenants:manage');
let caller: AuthorizerContext;
beforeEach(async () => {
  caller = newCaller(...ofTenant);
  await embedded.table.put(tenantItem({ tenant: caller.tenant, name: 'Acme', operator: false, managers: 1 }));
});

const read = () => send('GET /v1/tenant', { caller: { ...caller, rights: [] } });
const change = (body: unknown, by = caller) => send('PATCH /v1/tenant', { caller: by, body });
const stored = () => tenantReader(embedded.table).get(caller.tenant);
const image = (type: string, first: readonly number[], size = 64) => {
  const bytes = Buffer.concat([Buffer.from(first), randomBytes(size - first.length)]);
  return `data:image/${type};base64,${bytes.toString('base64')}`;
};
const pngStart = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const png = (size?: number) => image('png', pngStart, size);
const byDefault = {
  branding: { logo: null, colour: null },
  policy: { second_factor_required: false, personal_access_token_maximum_days: 365 },
};

describe('a tenant', () => {
  it('is as it is by default until somebody changes it', async () => {
    expect(await read()).toMatchObject({ status: 200, body: { tenant: caller.tenant, name: 'Acme', ...byDefault } });
  });

  it('is changed in what is given and nothing else', async () => {
    const logo = png();
    expect((await change({ branding: { logo, colour: '#1A73E8' } })).body).toEqual({
      tenant: caller.tenant,
      name: 'Acme',
      ...byDefault,
      branding: { logo, colour: '#1a73e8' },
    });
    await change({ policy: { second_factor_required: true }, name: 'Acme & Söhne' });
    await change({ policy: { personal_access_token_maximum_days: 30 }, branding: { colour: null } });
    expect((await read()).body).toEqual({
      tenant: caller.tenant,
      name: 'Acme & Söhne',
      branding: { logo, colour: null },
      policy: { second_factor_required: true, personal_access_token_maximum_days: 30 },
    });
  });

  it('keeps the count of its managers, also of one that is gained at the same time', async () => {
    const changes = Array.from({ length: 5 }, (_, at) => change({ name: `Name ${at}` }));
    const gained = embedded.table.transact([managerGained(caller.tenant)]).then(
      () => 1,
      () => 0,
    );
    expect((await Promise.all(changes)).every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect((await stored())?.managers).toBe(1 + (await gained));
  });

  it('tells the audit log what changed, without the bytes of a logo, and nothing where nothing did', async () => {
    const logo = png();
    await change({ branding: { logo }, policy: { second_factor_required: true } });
    await change({ branding: { logo } });
    const { items } = await auditEventStore(embedded.table).list(caller.tenant, {}, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(items).toMatchObject([
      {
        action: 'tenant.changed',
        changes: {
          logo: { from: null, to: expect.stringMatching(/^[0-9a-f]{64}$/) },
          second_factor_required: { from: null, to: true },
        },
      },
    ]);
  });
});

describe('a change that is refused', () => {
  it.each([
    [{ name: '' }, '/name'],
    [{ name: 'two\nlines' }, '/name'],
    [{ operator: true }, '/operator'],
    [{ managers: 7 }, '/managers'],
    [{ branding: { colour: 'red' } }, '/branding/colour'],
    [{ branding: { colour: '#1a73e8;}' } }, '/branding/colour'],
    [{ branding: { logo: 'https://example.com/logo.png' } }, '/branding/logo'],
    [{ branding: { logo: 'data:image/svg+xml;base64,PHN2Zz4=' } }, '/branding/logo'],
    [{ branding: { logo: image('png', [0x3c, 0x73, 0x76, 0x67]) } }, '/branding/logo'],
    [{ branding: { logo: `${png()}"><script>` } }, '/branding/logo'],
    [{ branding: { logo: png(32 * 1024 + 3) } }, '/branding/logo'],
    [{ branding: { font: 'x' } }, '/branding/font'],
    [{ policy: { second_factor_required: 'yes' } }, '/policy/second_factor_required'],
    [{ policy: { personal_access_token_maximum_days: 0 } }, '/policy/personal_access_token_maximum_days'],
    [{ policy: { personal_access_token_maximum_days: 366 } }, '/policy/personal_access_token_maximum_days'],
    [{ policy: { personal_access_token_maximum_days: 1.5 } }, '/policy/personal_access_token_maximum_days'],
  ])('%j names %s', async (body, pointer) => {
    expect(await change(body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect((await stored())?.version).toBeUndefined();
  });

  it.each([
    { branding: { logo: png(32 * 1024 - 2) } },
    { branding: { logo: image('jpeg', [0xff, 0xd8, 0xff, 0xe0]) } },
    { branding: { logo: image('webp', [...Buffer.from('RIFF')]) } },
    { policy: { personal_access_token_maximum_days: 365 } },
    {},
  ])('is not %#', async (body) => {
    expect((await change(body)).status).toBe(200);
  });

  it('is one by who does not hold all that an administrator holds', async () => {
    const short = { ...caller, rights: ofTenant.filter((right) => right !== 'audit:read') };
    const body = { policy: { second_factor_required: true } };
    expect(await change(body, short)).toMatchObject({ status: 403, body: { missing_rights: ['audit:read'] } });
    expect((await stored())?.policy).toBeUndefined();
    expect((await change(body)).status).toBe(200);
  });
});
