import { sshKeys } from '../../src/adapters/dynamodb/ssh-key-reader.ts';
import { parseSshPublicKey } from '../../src/adapters/ssh/public-key.ts';
import { sshKeyId } from '../../src/api/schemas/ssh-key.ts';
import { NotFound } from '../../src/entities/errors.ts';
import { newId } from '../../src/entities/identifiers.ts';
import { mustHoldItsRights } from '../../src/entities/requested-rights.ts';
import { fingerprintOf, type SshKey, withSshKeyAdded, withSshKeyRemoved } from '../../src/entities/ssh-key.ts';
import { once } from '../../src/once.ts';
import { callerOf } from '../shared/caller.ts';
import { changeIntegration, clientIdOf, existingIntegration } from '../shared/integration-change.ts';
import { locationOf } from '../shared/location.ts';
import { noted } from '../shared/noted-use.ts';
import { pageOfAll } from '../shared/page.ts';
import { pathValue } from '../shared/path-value.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { sshKeyBody, sshKeyOwnerBody } from '../shared/ssh-key-body.ts';
import { table } from '../shared/table.ts';

const keys = once(() => sshKeys(table()));

export const handler = auditedEndpoint({
  listSshKeys: async ({ caller, path, query }) => {
    const { tenant } = caller;
    const clientId = clientIdOf(caller, path.client_id);
    const [all] = await Promise.all([keys().list(tenant, clientId), existingIntegration(caller, clientId)]);
    const scope = { tenant, route: 'listSshKeys', filters: { clientId } };
    return { body: await pageOfAll(query, scope, all, ({ id }) => id, sshKeyBody) };
  },

  addSshKey: async ({ body, caller, origin, path }) => {
    const parsed = parseSshPublicKey(body.key);
    const id = newId('ssh', randomBytes);
    const createdAt = new Date(clock.now()).toISOString();
    const added = ({ tenant, clientId }: Pick<SshKey, 'tenant' | 'clientId'>): SshKey => ({
      ...{ tenant, clientId, id, name: body.name, createdAt },
      ...parsed,
    });
    const integration = await changeIntegration(caller, origin, path.client_id, (before) => {
      mustHoldItsRights(callerOf(caller), before);
      const { type, fingerprint } = parsed;
      return {
        after: withSshKeyAdded(before, { id, fingerprint }),
        sshKey: { added: added(before) },
        event: { action: 'ssh_key.added', changes: { ssh_key: id, name: body.name, type, fingerprint } },
      };
    });
    return {
      body: sshKeyBody(added(integration)),
      headers: { Location: locationOf('getSshKey', { client_id: integration.clientId, id }) },
    };
  },

  getSshKey: async ({ caller, path }) => {
    const key = await keys().get(caller.tenant, clientIdOf(caller, path.client_id), pathValue(sshKeyId, path.id));
    if (key === undefined) throw new NotFound();
    return { body: sshKeyBody(key) };
  },

  removeSshKey: async ({ caller, origin, path }) => {
    await changeIntegration(caller, origin, path.client_id, (before) => {
      mustHoldItsRights(callerOf(caller), before);
      const { after, removed } = withSshKeyRemoved(before, path.id);
      const changes = { ssh_key: removed.id, fingerprint: removed.fingerprint };
      return { after, sshKey: { removed }, event: { action: 'ssh_key.revoked', changes } };
    });
    return {};
  },

  lookUpSshKey: async ({ caller, origin, path, query }) => {
    const fingerprint = fingerprintOf(path.fingerprint);
    const owner = fingerprint === undefined ? undefined : await keys().owner(caller.tenant, fingerprint, query.project);
    if (owner?.integration.status !== 'active') throw new NotFound();
    await noted(keys().noteUse(owner.key, clock.now()), { request_id: origin.requestId, ssh_key: owner.key.id });
    return { body: sshKeyOwnerBody(owner) };
  },
});
