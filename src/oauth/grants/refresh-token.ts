import { DependencyUnavailable } from '../../entities/errors.ts';
import type { RefreshState, TokenFamily } from '../../entities/token-family.ts';
import { InvalidGrant, InvalidRequest } from '../errors.ts';
import {
  familyOfRefreshToken,
  type PresentedRefreshToken,
  parseRefreshToken,
  type RefreshableFamily,
  refreshTokenOf,
} from '../refresh-token.ts';
import { rightsParameters } from '../token-rights.ts';
import { boundKey, refreshTokenGrantType } from './begin-family.ts';
import { familyAccess, signedTokens } from './family-tokens.ts';
import type { Grant, GrantRequest, TokenAnswer } from './grant.ts';
import { endReplayed } from './replay.ts';

/** For how long the immediate predecessor of an unused refresh token is answered again, in milliseconds. */
const toleranceMilliseconds = 10_000;
/** How often a rotation is tried where others write to the family at the same time. */
const tries = 4;

/**
 * New tokens for a family (RFC 6749 §6). Each use gives the next refresh token, by one conditional write (RFC 9700
 * §4.14.2). One that comes again is answered with the same successor where an answer may have been lost: within ten
 * seconds, to whoever used it then, and the successor still unused. Anything else is reuse, which ends the family.
 */
export const refreshToken: Grant = {
  grantType: refreshTokenGrantType,
  parameters: ['refresh_token', ...rightsParameters],
  async exchange(request) {
    const presented = presentedToken(request);
    let found = await familyOf(request, presented);
    for (let attempt = 1; attempt <= tries; attempt++) {
      const tokens = await tokensFor(request, found, presented);
      const { rotations } = found.refresh;
      if (presented.count < rotations)
        return { ...tokens, refresh_token: refreshTokenOf(found.family, found.secret, rotations) };
      const before = await rotated(request, found);
      if (before === undefined)
        return { ...tokens, refresh_token: refreshTokenOf(found.family, found.secret, rotations + 1) };
      found = refreshable(before, found.secret);
    }
    throw new DependencyUnavailable('a family is being refreshed');
  },
};

function presentedToken({ form, client }: GrantRequest): PresentedRefreshToken {
  const text = form.get('refresh_token');
  if (text === undefined) throw new InvalidRequest('no refresh_token');
  const presented = parseRefreshToken(text);
  if (presented === undefined) throw new InvalidGrant('no refresh token');
  if (presented.tenant !== client.integration.tenant) throw new InvalidGrant("another tenant's");
  return presented;
}

async function familyOf({ client, ports }: GrantRequest, presented: PresentedRefreshToken): Promise<RefreshableFamily> {
  const found = await familyOfRefreshToken(presented, ports);
  if (found === undefined) throw new InvalidGrant('not derived from a family');
  if (found.family.clientId !== client.integration.clientId) throw new InvalidGrant("another client's");
  return found;
}

function refreshable(family: TokenFamily | undefined, secret: string): RefreshableFamily {
  if (family?.refresh === undefined) throw new InvalidGrant('family gone');
  return { family, refresh: family.refresh, secret };
}

/** Decides on one use, and signs: nothing is written before everything else has succeeded. */
async function tokensFor(
  request: GrantRequest,
  found: RefreshableFamily,
  presented: PresentedRefreshToken,
): Promise<TokenAnswer> {
  const { family, refresh } = found;
  const { clock } = request.ports;
  if (presented.count !== refresh.rotations && !isRepeated(request, refresh, presented)) {
    await endReplayed(request, family, 'refresh_token');
    throw new InvalidGrant('used before');
  }
  // Whoever has the token and not the key is told nothing, and spoils nothing.
  if (family.keyThumbprint !== undefined && family.keyThumbprint !== request.keyThumbprint)
    throw new InvalidGrant('bound to another key');
  if (clock.now() >= Date.parse(refresh.idleExpiresAt)) throw new InvalidGrant('not used for too long');
  const access = await familyAccess(request, family, { mayOutliveSession: family.user?.offline === true });
  return signedTokens(request, family, access);
}

/** Whether an answer that may have been lost is asked for again by the one that it was for. */
function isRepeated(request: GrantRequest, refresh: RefreshState, presented: PresentedRefreshToken): boolean {
  const { rotations, rotatedAt, rotatedBy } = refresh;
  if (presented.count !== rotations - 1 || rotatedAt === undefined) return false;
  return rotatedBy === userOf(request) && request.ports.clock.now() - Date.parse(rotatedAt) <= toleranceMilliseconds;
}

/**
 * Rotates the family.
 *
 * @returns undefined where this call did; else the family as it stands by now
 */
async function rotated(
  request: GrantRequest,
  { family, refresh }: RefreshableFamily,
): Promise<TokenFamily | undefined> {
  const { families, clock } = request.ports;
  const now = clock.now();
  const after: RefreshState = {
    ...refresh,
    rotations: refresh.rotations + 1,
    rotatedAt: new Date(now).toISOString(),
    rotatedBy: userOf(request),
    idleExpiresAt: new Date(now + request.settings.refreshTokenIdleSeconds * 1000).toISOString(),
  };
  const rotation = await families.rotate({ ...family, keyThumbprint: boundKey(request) }, after);
  if (rotation.rotated) return undefined;
  if (rotation.family === undefined) throw new InvalidGrant('family gone');
  return rotation.family;
}

/** What tells who uses a refresh token: the credential that authenticates the client, or a public client's key. */
function userOf(request: GrantRequest): string {
  return boundKey(request) ?? request.client.credential;
}
