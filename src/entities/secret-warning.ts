import type { ClientSecret, Integration } from './integration.ts';

const day = 86_400_000;

/** How long before a secret runs out it is told that it will, in days. */
const warningDays = [14, 3, 1];

/**
 * When a secret that is set to run out is warned of, ISO 8601, the earliest first: none in a time that had passed by the
 * moment it was set.
 *
 * @param expiresAt ISO 8601
 * @param now when that was decided, milliseconds since the epoch
 */
export function warningsBefore(expiresAt: string, now: number): readonly string[] {
  return warningDays
    .map((days) => Date.parse(expiresAt) - days * day)
    .filter((at) => at > now)
    .map((at) => new Date(at).toISOString());
}

/** When the next of the integration's secrets is to be warned of; undefined where no warning lies ahead. */
export function nextWarning({ secrets }: Pick<Integration, 'secrets'>): string | undefined {
  return secrets
    .flatMap(({ warnAt = [] }) => warnAt)
    .sort()
    .at(0);
}

/** What is due at a time: the integration as it is to be, and the secrets that are warned of. */
export interface DueWarnings {
  readonly after: Integration;
  readonly expiring: readonly ClientSecret[];
}

/**
 * The warnings that are due at `now` (milliseconds since the epoch), each given once: of a secret one, however many of
 * them are overdue, and of one that has run out none.
 *
 * @returns undefined where nothing is due
 */
export function dueWarnings(integration: Integration, now: number): DueWarnings | undefined {
  const isAhead = (at: string) => Date.parse(at) > now;
  const due = integration.secrets.filter(({ warnAt = [] }) => !warnAt.every(isAhead));
  if (due.length === 0) return undefined;
  const secrets = integration.secrets.map((secret) =>
    due.includes(secret) ? { ...secret, warnAt: secret.warnAt?.filter(isAhead) } : secret,
  );
  return {
    after: { ...integration, secrets },
    expiring: due.filter(({ expiresAt }) => expiresAt !== undefined && isAhead(expiresAt)),
  };
}

/** An integration that has a warning due. */
export interface WarningDue {
  readonly tenant: string;
  readonly clientId: string;
  /** ISO 8601: when its earliest warning was due. */
  readonly at: string;
}

/** Finds integrations whose secrets are to be warned of, of all tenants. */
export interface WarningFinder {
  /** Those due at `now` (milliseconds since the epoch), the longest due first; `after` is the last one seen. */
  due(
    now: number,
    page: { readonly limit: number; readonly after?: WarningDue | undefined },
  ): Promise<readonly WarningDue[]>;
}
