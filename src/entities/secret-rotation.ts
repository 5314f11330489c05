import { Conflict, NotFound } from './errors.ts';
import type { ClientSecret, Integration } from './integration.ts';
import { warningsBefore } from './secret-warning.ts';
import { longestTokenLifetimeSeconds } from './token-lifetime.ts';

/** How many secrets may authenticate at the same time: one, and its successor. */
const maximumLive = 2;
/** How many are kept, those that ran out included: their tokens may still live. */
const maximumKept = 10;

/** Whether the secret authenticates at `now` (milliseconds since the epoch). */
export function isLive(secret: ClientSecret, now: number): boolean {
  return secret.expiresAt === undefined || Date.parse(secret.expiresAt) > now;
}

/**
 * The secrets without those that ran out so long ago that no token of theirs can be alive. Until then one that ran out
 * stays listed: its tokens live on, and revoking it is how to end them.
 */
export function withoutSpent(secrets: readonly ClientSecret[], now: number): readonly ClientSecret[] {
  return secrets.filter((secret) => isLive(secret, now - longestTokenLifetimeSeconds * 1000));
}

/**
 * The integration with one secret more.
 *
 * @param expireOthersIn seconds until the others run out; 0 revokes them, and undefined leaves them as they are
 * @throws Conflict where it does not authenticate with secrets, or would have three that are live
 */
export function withSecretAdded(
  before: Integration,
  secret: ClientSecret,
  expireOthersIn: number | undefined,
  now: number,
): Integration {
  if (before.tokenEndpointAuthMethod !== 'client_secret_basic')
    throw new Conflict('This integration does not authenticate with a secret.');
  const others = expireOthersIn === 0 ? [] : before.secrets.map((other) => endingWithin(other, expireOthersIn, now));
  const secrets = [...withoutSpent(others, now), secret];
  if (secrets.filter((one) => isLive(one, now)).length > maximumLive)
    throw new Conflict('Two secrets are live already: revoke one of them, or expire the others now.');
  if (secrets.length > maximumKept)
    throw new Conflict('Too many secrets ran out within a day: revoke one of them, or expire the others now.');
  return { ...before, secrets };
}

/**
 * What a secret says of its end once that is decided, and of the warnings before it.
 *
 * @param until milliseconds since the epoch
 * @param now when it was decided, likewise
 */
export function runningOutAt(until: number, now: number): Required<Pick<ClientSecret, 'expiresAt' | 'warnAt'>> {
  const expiresAt = new Date(until).toISOString();
  return { expiresAt, warnAt: warningsBefore(expiresAt, now) };
}

/** Never later than the secret would have run out by itself. */
function endingWithin(secret: ClientSecret, seconds: number | undefined, now: number): ClientSecret {
  if (seconds === undefined) return secret;
  const until = now + seconds * 1000;
  return secret.expiresAt !== undefined && Date.parse(secret.expiresAt) <= until
    ? secret
    : { ...secret, ...runningOutAt(until, now) };
}

/** @throws NotFound */
export function secretOf(integration: Integration, id: string): ClientSecret {
  const found = integration.secrets.find((secret) => secret.id === id);
  if (found === undefined) throw new NotFound();
  return found;
}

/**
 * The integration without the secret: it authenticates no more, and the tokens that it obtained are dead.
 *
 * @throws NotFound
 */
export function withSecretRevoked(before: Integration, id: string): Integration {
  const { id: revoked } = secretOf(before, id);
  return { ...before, secrets: before.secrets.filter((secret) => secret.id !== revoked) };
}
