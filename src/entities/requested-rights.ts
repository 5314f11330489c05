import { countedRights } from './asked-rights.ts';
import { Conflict, MissingRights } from './errors.ts';
import { grantedRights, type Integration, type RequestedRight } from './integration.ts';

/** Who asks for a change, as the rules on rights see it. */
export interface Caller {
  readonly tenant: string;
  /** The token's user, else its client. */
  readonly subject: string;
  /** The integration that the token came through. */
  readonly clientId: string;
  /**
   * Whether the token carries the right, or one that implies it, and it is still granted: in the global context or, where
   * a project is named, in that project.
   */
  readonly holds: (right: string, project?: string) => boolean;
  /** The rights of the project level that it does not hold in every project, by name. */
  readonly lackedInSomeProject: () => readonly string[];
}

/** Requested rights in one context, by name. */
export type RequestedRights = Readonly<Record<string, RequestedRight>>;

/** Who asks for rights, when (ISO 8601), and in which project; in the global context where none is named. */
export interface RightsRequest {
  readonly caller: Caller;
  /** The integration that they are asked for. */
  readonly integration: Pick<Integration, 'clientId' | 'application'>;
  readonly at: string;
  readonly project?: string | undefined;
}

/**
 * The requested rights of a context after `wanted` became the whole list: what stays keeps its state, what is dropped is
 * gone, what is new is granted at once where the caller holds it in that context, and waits for a decision otherwise. So
 * does what was declined or revoked, whoever asks again, and whatever an integration asks for itself: what its token was
 * found to hold may have been taken from it since, and nobody decides on their own rights.
 *
 * @throws Conflict for what a connection's application does not ask for, or not in the version that was accepted
 */
export function requestedRights(
  before: RequestedRights,
  wanted: readonly string[],
  { caller, integration, at, project }: RightsRequest,
): RequestedRights {
  mustBeAccepted(integration, wanted);
  const mayGrant = caller.clientId !== integration.clientId;
  const { application } = integration;
  const counted = countedRights(integration, before);
  const anew = (right: string, asked: RequestedRight | undefined): RequestedRight => ({
    ...{ requestedBy: caller.subject, requestedAt: at },
    ...(application && project !== undefined && { acceptedVersion: application.acceptedVersion }),
    ...(mayGrant && asked === undefined && caller.holds(right, project)
      ? { state: 'granted', decidedBy: caller.subject, decidedAt: at }
      : { state: 'pending' }),
  });
  return Object.fromEntries(
    wanted.map((right) => {
      const asked = Object.hasOwn(counted, right) ? counted[right] : undefined;
      const stays = asked?.state === 'granted' || asked?.state === 'pending';
      return [right, stays ? asked : anew(right, asked)];
    }),
  );
}

/** @throws Conflict */
function mustBeAccepted({ application }: Pick<Integration, 'application'>, wanted: readonly string[]): void {
  const beyond = wanted.filter((right) => application !== undefined && !Object.hasOwn(application.rights, right));
  if (beyond.length > 0)
    throw new Conflict(
      `This integration is the connection of an application, which does not ask for ${beyond.join(', ')}, or not in the version that was accepted.`,
    );
}

/** The requested rights of a context after `wanted` were asked for besides; those that are not named stay as they are. */
export function rightsAskedBesides(
  before: RequestedRights,
  wanted: readonly string[],
  request: RightsRequest,
): RequestedRights {
  return { ...countedRights(request.integration, before), ...requestedRights(before, wanted, request) };
}

/**
 * Nobody gains a right sideways: whoever reads, adds or revokes a credential of the integration, changes how it
 * authenticates or which grants it may use, or enables it, must be its owner or hold all that it has been granted, in the
 * same contexts. Where it is granted more in single projects than the integration's item lists, that is every right of
 * the project level in every project.
 *
 * @throws MissingRights naming what the caller lacks
 */
export function mustHoldItsRights(caller: Caller, integration: Integration): void {
  if (caller.subject === integration.owner) return;
  const missing = [
    ...grantedRights(integration).filter((right) => !caller.holds(right)),
    ...lackedInProjects(caller, integration),
  ];
  if (missing.length > 0) throw new MissingRights([...new Set(missing)]);
}

function lackedInProjects(caller: Caller, { projectGrants }: Integration): readonly string[] {
  if (projectGrants === undefined || projectGrants.count === 0) return [];
  if (projectGrants.listed === undefined) return caller.lackedInSomeProject();
  return Object.entries(projectGrants.listed).flatMap(([project, rights]) =>
    rights.filter((right) => !caller.holds(right, project)),
  );
}
