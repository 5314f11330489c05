import type { Operation } from '../../src/api/routes.ts';
import { createIntegration, tokenOf } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { type Prepared, succeed } from './request.ts';

/** Integrations of somebody who holds less than they ask for, so that the administrator may decide. */
export interface WaitingRights {
  /** Manages integrations, and nothing else. */
  readonly registrar: string;
  readonly project: string;
  /** Client ids; `users:read` waits everywhere, `issues:read` in the project. */
  readonly decided: string;
  readonly decidedWithOthers: string;
  readonly withdrawn: string;
}

export async function prepareWaitingRights(outputs: Outputs, admin: string, project: string): Promise<WaitingRights> {
  const rights = ['integrations:manage', 'integrations:read'];
  const registrar = await tokenOf(outputs, await createIntegration(outputs, admin, rights));
  const waiting = async () => {
    const { client_id } = await createIntegration(outputs, registrar, ['users:read']);
    const body = { projects: [project], rights: ['issues:read'] };
    await succeed(outputs, 'requestProjectRights', { token: registrar, path: { client_id }, body });
    return client_id;
  };
  return {
    registrar,
    project,
    decided: await waiting(),
    decidedWithOthers: await waiting(),
    withdrawn: await waiting(),
  };
}

/** One request of every operation on rights that wait, and on rights in projects. */
export function waitingRightsRequests(
  { project, decided, decidedWithOthers, withdrawn }: WaitingRights,
  admin: string,
) {
  const grant = { context: 'global', rights: ['users:read'], decision: 'grant' };
  return {
    requestProjectRights: {
      token: admin,
      path: { client_id: decided },
      body: { projects: [project], rights: ['boards:read'] },
    },
    withdrawFromProject: { token: admin, path: { client_id: withdrawn, project } },
    listAuthorizations: { token: admin, query: 'state=pending&limit=1' },
    decideAuthorization: { token: admin, path: { client_id: decided }, body: grant },
    decideAuthorizations: { token: admin, body: { decisions: [{ client_id: decidedWithOthers, ...grant }] } },
  } as const satisfies Partial<Record<Operation, Prepared>>;
}
