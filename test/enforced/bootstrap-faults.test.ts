import { expect, test } from 'vitest';
import type { Fault } from '../../local/aws/faults.ts';
import { tokenOf } from '../conformance/client.ts';
import { enforcedRun, synthesized, tableNameOf, temporaryFolder } from './enforced-run.ts';
import { succeed } from './request.ts';
import { expectWhole, itemsOf } from './whole-table.ts';

const assembly = synthesized();

/** More often than the bootstrap's SDK clients try. */
const times = 3;

/** Every call of a Create, in order. */
const calls = ['Query', 'GetPublicKey', 'GetSecretValue', 'PutSecretValue', 'Encrypt', 'TransactWriteItems'];

const ills: Readonly<Record<string, Fault>> = {
  fails: { answer: { code: 'InternalServerError', status: 500 } },
  'is done, and its answer lost': { answer: 'drop-after-call' },
};

test.each(calls.flatMap((call) => Object.keys(ills).map((ill) => [call, ill] as const)))(
  'a deployment whose %s %s has failed, names no secret, and the next one ends with one administrator',
  async (operation, ill) => {
    const dataDirectory = temporaryFolder();
    const failed = await enforcedRun(assembly, { dataDirectory, faults: [{ operation, times, ...ills[ill] }] }).then(
      () => '',
      (error: unknown) => String(error),
    );
    expect(failed).toContain('a dependency is unavailable');
    expect(failed).not.toContain('lks_');

    const run = await enforcedRun(assembly, { dataDirectory });
    const token = await tokenOf(run.outputs, run.outputs.admin);
    const { body } = await succeed(run.outputs, 'listIntegrations', { token });
    expect(body.items).toMatchObject([{ client_id: run.outputs.admin.client_id }]);
    const events = await succeed(run.outputs, 'listAuditEvents', { token });
    expect(events.body.items).toMatchObject([{ action: 'tenant.created', object: run.outputs.tenant }]);
    await run.close();
    const items = await itemsOf(dataDirectory, tableNameOf(run));
    expectWhole(items);
    expect(items.filter(({ sk }) => sk === 'TENANT')).toHaveLength(1);
  },
);

test('a deployment that nothing strikes does not fail', async () => {
  await enforcedRun(assembly, { faults: calls.map((operation) => ({ operation, after: 100 })) });
});
