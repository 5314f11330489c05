import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { rightNames } from '../../../src/api/rights.ts';
import { newClientId, newUserId } from '../../../src/entities/identifiers.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { Answered } from '../deployment.ts';
import { call, deployAdmin, newProjects, newTenant, type Scene } from './scene.ts';

let deployed: Scene;
let registering: AuthorizerContext;

/** People with a token of another app each, who ask and decide; each test in a tenant of its own, with two projects. */
export function askingAndDeciding(): void {
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

let made = 0;

/** A new integration of the registrar's; its client id. */
export async function create(rights: readonly string[] = ['boards:read'], by = registering): Promise<string> {
  const { body } = await call(by, 'POST /integrations', { name: `Sync ${++made}`, rights });
  return body.client_id;
}

export const ask = (id: string, projects: readonly string[], rights: readonly string[], by = registering) =>
  call(by, `POST /integrations/${id}/projects`, { projects, rights });

export const withdraw = (id: string, project: string, by = registering) =>
  call({ ...by, project }, `DELETE /integrations/${id}/projects/${project}`);

export const rights = (id: string, query = '', by = registering) => call(by, `GET /integrations/${id}/rights${query}`);

export const inbox = (by: AuthorizerContext, query = '?state=pending') => call(by, `GET /authorizations${query}`);

export const decide = (by: AuthorizerContext, id: string, body: object) =>
  call(by, `POST /integrations/${id}/authorizations`, body);

export const decideMany = (by: AuthorizerContext, decisions: readonly object[]) =>
  call(by, 'POST /authorizations', { decisions });

/** `issues:read in PRJ: pending` for each item of a list. */
export const statesOf = ({ body }: Answered): string[] =>
  body.items.map(
    ({ right, context, state }: { right: string; context: 'global' | { project: string }; state: string }) =>
      `${right} ${context === 'global' ? 'everywhere' : `in ${context.project}`}: ${state}`,
  );
