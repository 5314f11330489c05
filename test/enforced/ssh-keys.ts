import type { Credentials } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { newSshPublicKey } from '../ssh-public-key.ts';
import { type Prepared, type Request, succeed } from './request.ts';

/** Keys that requests are about, and one that the deletion of its integration takes with it. */
export interface SshKeys {
  readonly fingerprint: string;
  readonly id: string;
  readonly spareId: string;
}

async function added(
  outputs: Outputs,
  token: string,
  { client_id }: Credentials,
): Promise<{ id: string; fingerprint: string }> {
  const { body } = await succeed(outputs, 'addSshKey', { token, path: { client_id }, body: newKey() });
  return body;
}

const newKey = () => ({ name: 'Laptop', key: newSshPublicKey().line });

/** Gives both integrations keys. */
export async function prepareSshKeys(
  outputs: Outputs,
  admin: string,
  { integration, toDelete }: { readonly integration: Credentials; readonly toDelete: Credentials },
): Promise<SshKeys> {
  await added(outputs, admin, toDelete);
  const [{ id, fingerprint }, spare] = [
    await added(outputs, admin, integration),
    await added(outputs, admin, integration),
  ];
  return { id, fingerprint, spareId: spare.id };
}

/** One request of each operation on SSH keys. */
export function sshKeyRequests(
  { fingerprint, id, spareId }: SshKeys,
  { client_id }: Credentials,
  project: string,
  as: (request?: Request) => Request,
): Record<'listSshKeys' | 'addSshKey' | 'getSshKey' | 'removeSshKey' | 'lookUpSshKey', Prepared> {
  return {
    listSshKeys: as({ path: { client_id }, query: 'limit=1' }),
    addSshKey: as({ path: { client_id }, body: newKey() }),
    getSshKey: as({ path: { client_id, id } }),
    removeSshKey: as({ path: { client_id, id: spareId } }),
    lookUpSshKey: as({ path: { fingerprint }, query: `project=${project}` }),
  };
}
