import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { rightNames } from '../../../src/api/rights.ts';
import { newClientId, newUserId } from '../../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { Answered } from '../deployment.ts';
import { call, deployAdmin, newProjects, newTenant, type Scene } from './scene.ts';

/** People with a token of another app each, who ask and decide; each test in a tenant of its own, with two projects. */
export function askingAndDeciding() {
  let scene: Scene;
  let registrar: AuthorizerContext;
  beforeAll(async () => {
    scene = await deployAdmin();
  });
  afterAll(() => scene.close());
  beforeEach(async () => {
    registrar = await newTenant(scene, 'integrations:manage', 'integrations:read', 'boards:read');
    await newProjects(scene, registrar, 'PRJ', 'OTHER');
  });

  /** Somebody of the tenant, who holds this. */
  const somebody = (
    rights: readonly string[],
    projectRights: AuthorizerContext['projectRights'] = {},
  ): AuthorizerContext => ({
    ...registrar,
    clientId: newClientId(registrar.tenant, randomBytes),
    subject: newUserId(randomBytes),
    rights,
    projectRights,
  });
  const all = rightNames.filter((name) => name !== 'tenants:manage');
  const ofProject = ['authorizations:decide', 'issues:read', 'issues:write', 'boards:read'];

  return {
    scene: () => scene,
    /** Manages integrations, and holds `boards:read` besides. */
    registrar: () => registrar,
    somebody,
    administrator: () => somebody(all),
    /** Holds rights in these projects alone. */
    projectAdministrator: (...projects: readonly string[]) =>
      somebody([], Object.fromEntries(projects.map((project) => [project, ofProject]))),
    /** A new integration of the registrar's; its client id. */
    create: async (rights: readonly string[] = ['boards:read'], by = registrar): Promise<string> => {
      const { body } = await call(by, 'POST /integrations', { name: `Sync ${++made}`, rights });
      return body.client_id;
    },
    ask: (id: string, projects: readonly string[], rights: readonly string[], by = registrar) =>
      call(by, `POST /integrations/${id}/projects`, { projects, rights }),
    withdraw: (id: string, project: string, by = registrar) =>
      call({ ...by, project }, `DELETE /integrations/${id}/projects/${project}`),
    rights: (id: string, query = '', by = registrar) => call(by, `GET /integrations/${id}/rights${query}`),
    inbox: (by: AuthorizerContext, query = '?state=pending') => call(by, `GET /authorizations${query}`),
    decide: (by: AuthorizerContext, id: string, body: object) =>
      call(by, `POST /integrations/${id}/authorizations`, body),
    decideMany: (by: AuthorizerContext, decisions: readonly object[]) =>
      call(by, 'POST /authorizations', { decisions }),
  };
}

let made = 0;

/** `issues:read in PRJ: pending` for each item of a list. */
export const statesOf = ({ body }: Answered): string[] =>
  body.items.map(
    ({ right, context, state }: { right: string; context: 'global' | { project: string }; state: string }) =>
      `${right} ${context === 'global' ? 'everywhere' : `in ${context.project}`}: ${state}`,
  );
