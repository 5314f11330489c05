import type { DeploymentReader } from '../entities/deployment.ts';
import type { DeviceAuthorization, DeviceAuthorizationStore } from '../entities/device-authorization.ts';
import { deviceCodeGrant } from '../entities/grant-type.ts';
import type { IntegrationReader } from '../entities/integration.ts';
import type { FamilyDraft } from '../entities/token-family.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { askedRights } from './authorization/checks/rights.ts';
import { type Allowed, delegatedFamily } from './authorization/delegated-family.ts';
import type { AuthorizationRequest, AuthorizationSettings } from './authorization/request.ts';
import { OAuthError } from './errors.ts';
import { formOfValues } from './form.ts';

/** What a device's authorization is looked at with. */
export interface DeviceVerificationPorts {
  readonly clock: Clock;
  readonly devices: Pick<DeviceAuthorizationStore, 'get' | 'findByUserCode'>;
  readonly integrations: IntegrationReader;
  readonly deployment: DeploymentReader;
}

/** A device that waits for a decision, and what it asks for as a request that is decided on like any other. */
export interface WaitingDevice {
  readonly authorization: DeviceAuthorization;
  readonly request: AuthorizationRequest;
}

/**
 * The device that a user code leads to, if it still waits, and its client may still be given what it asks for.
 *
 * @param tenant where the user is: a code of another tenant leads nowhere
 * @throws DependencyUnavailable
 */
export async function waitingDevice(
  { tenant, userCode }: { readonly tenant: string; readonly userCode: string },
  issuer: string,
  { clock, devices, integrations, deployment }: DeviceVerificationPorts,
): Promise<WaitingDevice | undefined> {
  const target = await devices.findByUserCode(userCode);
  if (target?.tenant !== tenant || clock.now() >= Date.parse(target.expiresAt)) return undefined;
  const [authorization, integration] = await Promise.all([
    devices.get(tenant, target.codeHash),
    integrations.get(tenant, target.clientId, target.projects),
  ]);
  if (authorization === undefined || authorization.verdict !== undefined) return undefined;
  if (integration?.status !== 'active' || !integration.grantTypes.includes(deviceCodeGrant)) return undefined;
  const { apis } = await deployment.current();
  const form = formOfValues(authorization.parameters);
  const asked = unlessRefused(() => askedRights(form, integration, apis));
  if (asked === undefined) return undefined;
  return {
    authorization,
    request: {
      integration,
      // A device is told by being asked: nothing ever goes to this page but the browser that shows it.
      recipient: { issuer, redirectUri: `${issuer}/device`, responseMode: 'query' },
      responseType: 'code',
      // Whoever was lured into typing a code must not have agreed before (RFC 8628 §5.4).
      prompt: ['consent'],
      asked,
    },
  };
}

/** Undefined where the client may not be given any more what it was let ask for. */
function unlessRefused<T>(decide: () => T): T | undefined {
  try {
    return decide();
  } catch (error) {
    if (error instanceof OAuthError) return undefined;
    throw error;
  }
}

/** What the device's code stands for, once somebody allowed it. */
export function allowedFamily(
  { authorization, request: { integration } }: WaitingDevice,
  allowed: Allowed,
  settings: Pick<AuthorizationSettings, 'refreshTokenLifetimeSeconds' | 'tokenLifetimeSeconds'>,
  ports: { readonly clock: Clock; readonly randomBytes: RandomBytes },
): FamilyDraft {
  const codeLifetimeSeconds = (Date.parse(authorization.expiresAt) - ports.clock.now()) / 1000;
  const lifetimeSeconds = integration.grantTypes.includes('refresh_token')
    ? settings.refreshTokenLifetimeSeconds
    : codeLifetimeSeconds + settings.tokenLifetimeSeconds;
  return delegatedFamily(integration, allowed, { grantType: deviceCodeGrant, lifetimeSeconds }, ports);
}
