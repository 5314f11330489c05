import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { rightNames } from '../../../src/api/rights.ts';
import { newClientId, newUserId } from '../../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import { deployAdmin, newProjects, newTenant, type Scene } from './scene.ts';

let deployed: Scene;
let registering: AuthorizerContext;

/** People with a token of another app each, who ask and decide; each test in a tenant of its own, with two projects. */
export function withPeople(): void {
  beforeAll(async () => {
    deployed = await deployAdmin();
  });
  afterAll(() => deployed.close());
  beforeEach(async () => {
    registering = await newTenant(deployed, 'integrations:manage', 'integrations:read', 'boards:read');
    await newProjects(deployed, registering, 'PRJ', 'OTHER');
  });
}

export const scene = () => deployed;

/** Manages integrations, and holds `boards:read` besides. */
export const registrar = () => registering;

/** Somebody of the tenant, who holds this. */
export const somebody = (
  rights: readonly string[],
  projectRights: AuthorizerContext['projectRights'] = {},
): AuthorizerContext => ({
  ...registering,
  clientId: newClientId(registering.tenant, randomBytes),
  subject: newUserId(randomBytes),
  rights,
  projectRights,
});

export const administrator = () => somebody(rightNames.filter((name) => name !== 'tenants:manage'));

const ofProject = ['authorizations:decide', 'issues:read', 'issues:write', 'boards:read'];

/** Holds rights in these projects alone. */
export const projectAdministrator = (...projects: readonly string[]) =>
  somebody([], Object.fromEntries(projects.map((project) => [project, ofProject])));
