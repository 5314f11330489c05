import { MissingRights } from './errors.ts';
import { grantedRights, type Integration, type RequestedRight } from './integration.ts';

/** Who asks for a change, as the rules on rights see it. */
export interface Caller {
  readonly tenant: string;
  /** The token's user, else its client. */
  readonly subject: string;
  /** Whether the token carries the right, or one that implies it, and it is still granted. */
  readonly holds: (right: string) => boolean;
}

/**
 * The requested rights in the global context after `wanted` became the whole list: what stays keeps its state, what is
 * dropped is gone, what is new (or was declined or revoked) is granted at once.
 *
 * @throws MissingRights naming each new right that the caller does not hold: nobody grants what they do not hold
 */
export function requestedRights(
  before: Integration['rights'],
  wanted: readonly string[],
  caller: Caller,
  at: string,
): Integration['rights'] {
  const stays = (right: string) => before[right]?.state === 'granted' || before[right]?.state === 'pending';
  const missing = [...new Set(wanted)].filter((right) => !stays(right) && !caller.holds(right));
  if (missing.length > 0) throw new MissingRights(missing);
  const granted: RequestedRight = {
    state: 'granted',
    requestedBy: caller.subject,
    decidedBy: caller.subject,
    decidedAt: at,
  };
  return Object.fromEntries(wanted.map((right) => [right, stays(right) ? (before[right] ?? granted) : granted]));
}

/**
 * Nobody gains a right sideways: whoever reads, adds or revokes a credential of the integration, changes how it
 * authenticates or which grants it may use, or enables it, must be its owner or hold all that it has been granted.
 *
 * @throws MissingRights naming what the caller lacks
 */
export function mustHoldItsRights(caller: Caller, integration: Integration): void {
  if (caller.subject === integration.owner) return;
  const missing = grantedRights(integration).filter((right) => !caller.holds(right));
  if (missing.length > 0) throw new MissingRights(missing);
}
