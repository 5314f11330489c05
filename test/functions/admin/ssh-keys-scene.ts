import { afterAll, beforeAll, beforeEach } from 'vitest';
import { handler } from '../../../functions/admin/ssh-keys.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { newSshPublicKey } from '../../ssh-public-key.ts';
import { callHandler } from '../deployment.ts';
import { call, deployAdmin, newTenant, type Scene } from './scene.ts';

let deployed: Scene;
let owner: AuthorizerContext;
let integration: string;

/** SSH keys of an integration; each test in a tenant of its own. */
export function withSshKeys(): void {
  beforeAll(async () => {
    deployed = await deployAdmin();
  });
  afterAll(() => deployed.close());
  beforeEach(async () => {
    owner = await newTenant(deployed, 'integrations:manage', 'integrations:read', 'issues:read');
    integration = await created('Sync');
  });
}

export const scene = () => deployed;

/** Who owns the integration. */
export const caller = () => owner;

export const clientId = () => integration;

/** A new integration; its client id. */
export async function created(name: string, by = owner): Promise<string> {
  return (await call(by, 'POST /integrations', { name, rights: ['issues:read'] })).body.client_id;
}

/** The line of a new public key. */
export const key = () => newSshPublicKey().line;

export const add = (body: unknown = { name: 'Laptop', key: key() }, to = integration, by = owner) =>
  call(by, `POST /integrations/${to}/ssh-keys`, body);

export const list = async (of = integration) => (await call(owner, `GET /integrations/${of}/ssh-keys`)).body.items;

export const remove = (id: string, by = owner) => call(by, `DELETE /integrations/${integration}/ssh-keys/${id}`);

const sshKeys = callHandler(handler);

export const lookUp = (fingerprint: string, query: Record<string, string> = {}, by = owner) =>
  sshKeys('GET /v1/ssh-keys/{fingerprint}', { caller: by, path: { fingerprint }, query });
