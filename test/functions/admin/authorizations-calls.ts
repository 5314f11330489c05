import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { Answered } from '../deployment.ts';
import { registrar } from './authorizations-scene.ts';
import { call } from './scene.ts';

let made = 0;

/** A new integration of the registrar's; its client id. */
export async function create(rights: readonly string[] = ['boards:read'], by = registrar()): Promise<string> {
  const { body } = await call(by, 'POST /integrations', { name: `Sync ${++made}`, rights });
  return body.client_id;
}

export const ask = (id: string, projects: readonly string[], rights: readonly string[], by = registrar()) =>
  call(by, `POST /integrations/${id}/projects`, { projects, rights });

export const withdraw = (id: string, project: string, by = registrar()) =>
  call({ ...by, project }, `DELETE /integrations/${id}/projects/${project}`);

export const rights = (id: string, query = '', by = registrar()) => call(by, `GET /integrations/${id}/rights${query}`);

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
