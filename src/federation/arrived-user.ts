import { auditEvent, type Origin, originAt, type RequestSource } from '../entities/audit-event.ts';
import { ConcurrentChange } from '../entities/errors.ts';
import type { FederatedIdentity, FederatedIdentityStore, Stale } from '../entities/federated-identity.ts';
import { newId, newUserId } from '../entities/identifiers.ts';
import type { IdentityProvider } from '../entities/identity-provider.ts';
import type { User, UserReader } from '../entities/user.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import type { Arrival } from './arrival.ts';
import { nameOf, profileOf, usernameOf } from './profile.ts';
import { isRefused, type Refused } from './refusal.ts';

export interface ArrivalPorts {
  readonly identities: FederatedIdentityStore;
  readonly users: Pick<UserReader, 'get'>;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly source: RequestSource;
}

/**
 * The user that the arrived subject is: by its link, never by an email. Where the tenant lets the provider's people in,
 * one who is not known becomes a user.
 *
 * @param attempt how often this was tried
 * @throws ConcurrentChange where somebody was faster: to be tried again
 */
export async function arrivedUser(
  provider: IdentityProvider,
  arrived: Arrival,
  ports: ArrivalPorts,
  attempt: number,
): Promise<User | Refused> {
  const { link, user } = await linkedUser(provider, arrived.subject, ports);
  if (user !== undefined) return user.status === 'active' ? user : { refused: 'disabled' };
  if (!provider.createUsers) return { refused: 'unknown' };
  const claims = await arrived.claims();
  if (isRefused(claims)) return claims;
  const profile = profileOf(claims, provider);
  if (profile.email === undefined) return { refused: 'email' };
  const { clock, randomBytes, identities, source } = ports;
  const now = clock.now();
  const username = usernameOf(profile, attempt, randomBytes);
  const made: User = {
    tenant: provider.tenant,
    id: newUserId(randomBytes),
    username,
    email: profile.email,
    name: nameOf(profile, username),
    roles: provider.roles,
    status: 'active',
    tokenGeneration: 0,
    version: 1,
    createdAt: new Date(now).toISOString(),
  };
  const changes = { username, roles: made.roles, identity_provider: provider.id };
  const change = { tenant: made.tenant, action: 'user.created', object: made.id, changes };
  const event = auditEvent(change, originAt(source, made.id), now, randomBytes);
  switch (await identities.createUser(made, newIdentity(provider, arrived.subject, made.id, ports), link, event)) {
    case 'created':
      return made;
    case 'email taken':
      return { refused: 'email taken' };
    default:
      throw new ConcurrentChange();
  }
}

/**
 * Links the arrived subject to a user who asked for it while signed in.
 *
 * @throws Conflict, NotFound, ConcurrentChange
 */
export async function linkArrived(
  provider: IdentityProvider,
  arrived: Arrival,
  asking: User,
  ports: ArrivalPorts,
): Promise<User | Refused> {
  const { link, user } = await linkedUser(provider, arrived.subject, ports);
  if (user !== undefined) return user.id === asking.id ? asking : { refused: 'linked to another' };
  const identity = newIdentity(provider, arrived.subject, asking.id, ports);
  const event = linkEvent(identity, originAt(ports.source, asking.id), ports);
  await ports.identities.link(identity, link, event);
  return asking;
}

/** A new link of a subject. */
export function newIdentity(
  { tenant, id, issuer }: IdentityProvider,
  subject: string,
  userId: string,
  { clock, randomBytes }: Pick<ArrivalPorts, 'clock' | 'randomBytes'>,
): FederatedIdentity {
  const createdAt = new Date(clock.now()).toISOString();
  return { tenant, id: newId('fid', randomBytes), providerId: id, issuer, subject, userId, createdAt };
}

/** What the log says of a new link. */
export function linkEvent(
  { tenant, id, providerId, userId }: FederatedIdentity,
  origin: Origin,
  { clock, randomBytes }: Pick<ArrivalPorts, 'clock' | 'randomBytes'>,
) {
  const changes = { federated_identity: id, identity_provider: providerId };
  return auditEvent(
    { tenant, action: 'user.identity_linked', object: userId, changes },
    origin,
    clock.now(),
    randomBytes,
  );
}

/** The link of a subject where its user is gone: what a new one takes the place of. */
export async function staleLink(
  provider: IdentityProvider,
  subject: string,
  ports: Pick<ArrivalPorts, 'identities' | 'users'>,
): Promise<Stale> {
  const { link, user } = await linkedUser(provider, subject, ports);
  return user === undefined ? link : undefined;
}

async function linkedUser(
  provider: IdentityProvider,
  subject: string,
  { identities, users }: Pick<ArrivalPorts, 'identities' | 'users'>,
): Promise<{ readonly link: Stale; readonly user: User | undefined }> {
  const link = await identities.find(provider, subject);
  return { link, user: link && (await users.get(provider.tenant, link.userId)) };
}
