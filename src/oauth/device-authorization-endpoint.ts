import type { DeploymentReader } from '../entities/deployment.ts';
import {
  type DeviceAuthorization,
  type DeviceAuthorizationStore,
  newUserCode,
  shownUserCode,
} from '../entities/device-authorization.ts';
import { DependencyUnavailable } from '../entities/errors.ts';
import { deviceCodeGrant } from '../entities/grant-type.ts';
import { hashOf, newRecognizableSecret } from '../entities/recognizable-secret.ts';
import type { RandomBytes } from '../ports.ts';
import { askedRights } from './authorization/checks/rights.ts';
import { projectsNamedIn } from './authorization-details.ts';
import { authenticateClient } from './client-authentication/authenticate.ts';
import type { AuthenticationPorts } from './client-authentication/method.ts';
import { endpointUrl } from './endpoint-urls.ts';
import { UnauthorizedClient } from './errors.ts';
import { type ProtocolRequest, parseForm } from './form.ts';
import { rightsParameters } from './token-rights.ts';

/** What device authorization works with. */
export interface DeviceAuthorizationPorts extends AuthenticationPorts {
  readonly randomBytes: RandomBytes;
  readonly deployment: DeploymentReader;
  readonly devices: DeviceAuthorizationStore;
}

/** RFC 8628 §3.2. */
export interface DeviceAuthorizationAnswer {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds between two polls. */
  readonly interval: number;
}

const lifetimeSeconds = 600;
const intervalSeconds = 5;

/** The prefix of a device code; its tenant is in the key that it is kept under. */
const deviceCodePrefix = 'lkd';

/** User codes tried; that one is taken happens once in thousands of times. */
const tries = 5;

/**
 * The device authorization endpoint (RFC 8628 §3.1): what is asked for is checked against what the integration holds at
 * once, so that nobody is asked in vain to type a code.
 *
 * @throws UnauthorizedClient the grant type is not the client's
 * @throws OAuthError, DependencyUnavailable
 */
export async function authorizeDevice(
  http: ProtocolRequest,
  issuer: string,
  ports: DeviceAuthorizationPorts,
): Promise<DeviceAuthorizationAnswer> {
  const form = parseForm(http);
  const endpoint = { issuer, url: endpointUrl(issuer, 'deviceAuthorization') };
  const projects = projectsNamedIn(form);
  const { integration } = await authenticateClient({ http, form, endpoint, projects }, ports);
  if (!integration.grantTypes.includes(deviceCodeGrant)) throw new UnauthorizedClient("not the client's grant");
  askedRights(form, integration, (await ports.deployment.current()).apis);

  const now = ports.clock.now();
  const deviceCode = newRecognizableSecret(deviceCodePrefix, ports.randomBytes);
  const { userCode } = await kept(ports, {
    tenant: integration.tenant,
    codeHash: hashOf(deviceCode),
    clientId: integration.clientId,
    parameters: form.only(rightsParameters).values(),
    ...(projects.length > 0 && { projects }),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + lifetimeSeconds * 1000).toISOString(),
    intervalSeconds,
  });
  const verificationUri = `${issuer}/device`;
  return {
    device_code: deviceCode,
    user_code: shownUserCode(userCode),
    verification_uri: verificationUri,
    verification_uri_complete: `${verificationUri}?user_code=${shownUserCode(userCode)}`,
    expires_in: lifetimeSeconds,
    interval: intervalSeconds,
  };
}

/** Keeps it under a user code that no other device has. */
async function kept(
  { devices, randomBytes, clock }: DeviceAuthorizationPorts,
  waiting: Omit<DeviceAuthorization, 'userCode'>,
): Promise<DeviceAuthorization> {
  for (let attempt = 1; attempt <= tries; attempt++) {
    const authorization = { ...waiting, userCode: newUserCode(randomBytes) };
    if (await devices.create(authorization, clock.now())) return authorization;
  }
  throw new DependencyUnavailable('no user code is free');
}
