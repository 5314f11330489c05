import type { DeviceAuthorization } from '../../entities/device-authorization.ts';
import { deviceCodeGrant } from '../../entities/grant-type.ts';
import { hashOf } from '../../entities/recognizable-secret.ts';
import { AccessDenied, AuthorizationPending, ExpiredToken, InvalidGrant, InvalidRequest, SlowDown } from '../errors.ts';
import { beginFamily } from './begin-family.ts';
import type { Grant, GrantRequest } from './grant.ts';

/** What each poll too early adds to the interval, in seconds (RFC 8628 §3.5). */
const slowDownSeconds = 5;

/**
 * A device asks whether somebody allowed it meanwhile (RFC 8628 §3.4). Once they did, its code is spent by the first
 * answer.
 */
export const deviceCode: Grant = {
  grantType: deviceCodeGrant,
  parameters: ['device_code', 'resource', 'authorization_details'],
  async exchange(request) {
    const authorization = await ownAuthorization(request);
    const { verdict, redeemed, begins } = authorization;
    if (redeemed) throw new InvalidGrant('device code used before');
    if (request.ports.clock.now() >= Date.parse(authorization.expiresAt))
      throw new ExpiredToken('nobody decided in time');
    if (verdict === 'denied') throw new AccessDenied('the user said no');
    if (begins === undefined) throw await waiting(request, authorization);
    return beginFamily(request, begins, async (family) => {
      if (!(await request.ports.devices.redeem(authorization, family)))
        throw new InvalidGrant('device code used at the same time');
    });
  },
};

async function ownAuthorization({ client, form, ports }: GrantRequest): Promise<DeviceAuthorization> {
  const code = form.get('device_code');
  if (code === undefined) throw new InvalidRequest('no device_code');
  const { tenant, clientId } = client.integration;
  const found = await ports.devices.get(tenant, hashOf(code));
  if (found === undefined) throw new InvalidGrant('unknown device code');
  if (found.clientId !== clientId) throw new InvalidGrant("another client's");
  return found;
}

/** Notes the poll, and says whether it came too early; of two at the same moment, one did. */
async function waiting({ ports }: GrantRequest, found: DeviceAuthorization): Promise<AuthorizationPending | SlowDown> {
  const now = ports.clock.now();
  const { polledAt, intervalSeconds } = found;
  const early = polledAt !== undefined && now - Date.parse(polledAt) < intervalSeconds * 1000;
  const interval = early ? intervalSeconds + slowDownSeconds : intervalSeconds;
  const noted = await ports.devices.notePoll(found, new Date(now).toISOString(), interval);
  return early || !noted ? new SlowDown('polled too early') : new AuthorizationPending('nobody has decided yet');
}
