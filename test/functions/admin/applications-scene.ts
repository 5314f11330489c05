import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { actionsIn, connectionsOf, grantedIn, published, registered } from './application-calls.ts';
import { deployAdmin, newTenant, type Scene } from './scene.ts';

/** What an administrator of a tenant that connects applications holds. */
export const all = ['integrations:read', 'integrations:manage', 'issues:read', 'issues:write', 'users:read'];

/** A developer, and two tenants that an application is offered to, new for each test. */
export function offering() {
  let scene: Scene;
  let developer: AuthorizerContext;
  let customer: AuthorizerContext;
  let other: AuthorizerContext;
  beforeAll(async () => {
    scene = await deployAdmin();
  });
  afterAll(() => scene.close());
  beforeEach(async () => {
    developer = await newTenant(scene, 'applications:manage');
    customer = await newTenant(scene, ...all);
    other = await newTenant(scene, ...all);
  });

  return {
    scene: () => scene,
    developer: () => developer,
    customer: () => customer,
    other: () => other,
    /** Registers an application that both are offered. @returns its id */
    register: (more: object = {}) => registered(developer, { tenants: [customer.tenant, other.tenant], ...more }),
    publish: (id: string, change: object) => published(developer, id, change),
    /** What the developer sees of the tenants. */
    connections: (id: string) => connectionsOf(developer, id),
    granted: (by: AuthorizerContext, clientId: string) => grantedIn(scene, by, clientId),
    actions: (of: AuthorizerContext) => actionsIn(scene, of),
  };
}
