import { FetchFailed } from '../entities/fetch-failed.ts';
import type { IntegrationReader } from '../entities/integration.ts';
import {
  attempted,
  isLastAttempt,
  type LogoutDelivery,
  type LogoutDeliveryStore,
} from '../entities/logout-delivery.ts';
import type { Clock, GuardedFetch, JwtSigner } from '../ports.ts';
import { signLogoutToken } from './logout-token.ts';

export interface BackChannelLogoutPorts {
  readonly clock: Clock;
  /** RS256. */
  readonly signer: JwtSigner;
  readonly integrations: IntegrationReader;
  readonly deliveries: LogoutDeliveryStore;
  readonly fetch: GuardedFetch;
}

/** A client that could not be told, for the log. */
export interface Undelivered {
  readonly tenant: string;
  readonly clientId: string;
  readonly attempt: number;
  /** A status, or why there was none; never what the client answered. */
  readonly reason: string;
  /** Whether it is tried no more. */
  readonly givenUp: boolean;
}

/** Sessions whose clients are told at the same time. */
const atOnce = 50;

/**
 * Tells clients of the sessions that ended (OIDC Back-Channel Logout 1.0 §2.5), as long as something is due and there is
 * time: each at least once, or for a day again and again.
 *
 * @param until milliseconds since the epoch; nothing is begun after it
 * @returns who could not be told
 * @throws DependencyUnavailable what was begun is due again later
 */
export async function deliverLogouts(
  issuer: string,
  ports: BackChannelLogoutPorts,
  until: number,
): Promise<readonly Undelivered[]> {
  const undelivered: Undelivered[] = [];
  while (ports.clock.now() < until) {
    const due = await ports.deliveries.due(ports.clock.now(), atOnce);
    const attempts = await Promise.all(due.map((delivery) => attempt(delivery, issuer, ports)));
    // What others took, or the index shows later than it was taken, is theirs.
    const taken = attempts.filter((found) => found !== undefined);
    if (taken.length === 0) break;
    undelivered.push(...taken.flat());
  }
  return undelivered;
}

async function attempt(
  before: LogoutDelivery,
  issuer: string,
  ports: BackChannelLogoutPorts,
): Promise<readonly Undelivered[] | undefined> {
  const delivery = attempted(before, ports.clock.now());
  if (!(await ports.deliveries.take(before, delivery))) return undefined;
  const { tenant, attempts, clientIds } = delivery;
  const givenUp = isLastAttempt(delivery);
  const results = await Promise.all(
    clientIds.map(async (clientId) => ({ clientId, reason: await tell(clientId, delivery, issuer, ports) })),
  );
  const undelivered = results.flatMap(({ clientId, reason }) =>
    reason === undefined ? [] : [{ tenant, clientId, attempt: attempts, reason, givenUp }],
  );
  await ports.deliveries.settle(delivery, givenUp ? [] : undelivered.map(({ clientId }) => clientId));
  return undelivered;
}

/** Tells one client; undefined where it knows now, or does not want to. */
async function tell(
  clientId: string,
  { tenant, userId, sessionId }: LogoutDelivery,
  issuer: string,
  ports: BackChannelLogoutPorts,
): Promise<string | undefined> {
  const uri = (await ports.integrations.get(tenant, clientId))?.backchannelLogoutUri;
  if (uri === undefined) return undefined;
  const token = await signLogoutToken({ issuer, clientId, userId, sessionId }, ports);
  try {
    const { ok, status } = await ports.fetch(uri, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: token }),
    });
    return ok ? undefined : `status ${status}`;
  } catch (error) {
    if (error instanceof FetchFailed) return error.failure;
    throw error;
  }
}
