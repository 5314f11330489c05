import { AlreadyDecided } from './errors.ts';
import type { RequestedRight } from './integration.ts';
import type { RequestedRights } from './requested-rights.ts';

export const decisions = ['grant', 'decline', 'revoke'] as const;

/** What is decided on rights in one context, all of them together. */
export interface RightDecision {
  readonly decision: (typeof decisions)[number];
  readonly rights: readonly string[];
  readonly comment?: string | undefined;
  /** The token's user, else its client. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

const states = {
  grant: { from: 'pending', to: 'granted' },
  decline: { from: 'pending', to: 'declined' },
  revoke: { from: 'granted', to: 'revoked' },
} as const satisfies Record<(typeof decisions)[number], { from: RequestedRight['state']; to: RequestedRight['state'] }>;

/**
 * The requested rights of a context after a decision: what waits is granted or declined, what is granted is revoked.
 *
 * @throws AlreadyDecided where one of them is in another state, naming who decided: then nothing is decided
 */
export function decidedRights(
  before: RequestedRights,
  { decision, rights, comment, by, at }: RightDecision,
): RequestedRights {
  const { from, to } = states[decision];
  const after = rights.map((right) => {
    const requested = Object.hasOwn(before, right) ? before[right] : undefined;
    if (requested?.state !== from) throw new AlreadyDecided(sentence(right, requested), requested?.decidedBy);
    const { requestedBy, requestedAt, acceptedVersion } = requested;
    const decided: RequestedRight = {
      ...{ state: to, requestedBy, decidedBy: by, decidedAt: at },
      ...(requestedAt !== undefined && { requestedAt }),
      ...(acceptedVersion !== undefined && { acceptedVersion }),
      ...(comment !== undefined && { comment }),
    };
    return [right, decided] as const;
  });
  return { ...before, ...Object.fromEntries(after) };
}

function sentence(right: string, requested: RequestedRight | undefined): string {
  if (requested === undefined) return `${right} is not asked for there.`;
  if (requested.state === 'pending') return `${right} waits for a decision.`;
  return `${right} was ${requested.state}${requested.decidedBy === undefined ? '' : ` by ${requested.decidedBy}`}.`;
}
