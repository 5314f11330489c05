import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { auditedIn, call, deployAdmin, newTenant, type Scene, storedIntegration } from './scene.ts';

/** What a creation sends where it matters no further. */
export const wanted = { name: 'Billing sync 2', access: { issues: 'read', users: 'read' } };

/** Calls on integrations, each test in a tenant of its own, by a caller who holds these rights. */
export function integrationCalls() {
  let scene: Scene;
  let caller: AuthorizerContext;
  beforeAll(async () => {
    scene = await deployAdmin();
  });
  afterAll(() => scene.close());
  beforeEach(async () => {
    caller = await newTenant(
      scene,
      ...['integrations:manage', 'integrations:read', 'users:manage', 'users:read', 'issues:write'],
    );
  });
  return {
    scene: () => scene,
    caller: () => caller,
    callerWith: (...rights: readonly string[]): AuthorizerContext => ({ ...caller, rights }),
    create: (body: unknown = wanted, by = caller) => call(by, 'POST /integrations', body),
    read: (id: string, by = caller) => call(by, `GET /integrations/${id}`),
    change: (id: string, body: unknown, by = caller) => call(by, `PATCH /integrations/${id}`, body),
    remove: (id: string, by = caller) => call(by, `DELETE /integrations/${id}`),
    act: (id: string, action: string, by = caller) => call(by, `POST /integrations/${id}/${action}`),
    list: (query: Record<string, string> = {}, by = caller) =>
      call(by, `GET /integrations?${new URLSearchParams(query)}`),
    stored: (id: string) => storedIntegration(scene, caller, id),
    audited: async () => (await auditedIn(scene, caller)).map(({ action }) => action),
  };
}

/** A public key made now. */
export function publicJwk(kind: 'ec' | 'ed25519' = 'ec'): Record<string, unknown> {
  const { publicKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return { ...publicKey.export({ format: 'jwk' }) };
}
