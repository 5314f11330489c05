import * as z from 'zod/mini';

/** What the admin API answered: the status, and the body parsed as JSON (undefined where it has none). */
export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * One call of the admin API in the name of the manager, whose credentials the platform team chose.
 *
 * @param path below the API's base URL, for example `/integrations`
 * @throws WorkloadFailure where the API, or a token for it, cannot be had
 */
export type AdminApi = (method: string, path: string, body?: object) => Promise<AdminAnswer>;

/** Why a workload's integration or credentials could not be looked after, in words that hold no secret. */
export class WorkloadFailure extends Error {
  override readonly name: string = 'WorkloadFailure';
}

const problem = z.object({
  detail: z.optional(z.string()),
  title: z.optional(z.string()),
  missing_rights: z.optional(z.array(z.string())),
});

/** The manager has no credentials that the token endpoint takes: nothing can have been done in its name. */
export class ManagerRefused extends WorkloadFailure {}

/** The failure that a refusing answer (RFC 9457) stands for. */
export function refused(doing: string, { status, body }: AdminAnswer): WorkloadFailure {
  const said = z.safeParse(problem, body);
  const { detail, title, missing_rights: missing } = said.success ? said.data : {};
  const why = [detail ?? title, missing && `missing rights: ${missing.join(', ')}`].filter(
    (part) => part !== undefined,
  );
  return new WorkloadFailure([`${doing}: the admin API answered ${status}`, ...why].join('; '));
}
