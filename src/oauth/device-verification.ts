import type { Consent } from '../entities/consent.ts';
import type { DeploymentReader } from '../entities/deployment.ts';
import type { DeviceAuthorization, DeviceAuthorizationStore } from '../entities/device-authorization.ts';
import { deviceCodeGrant } from '../entities/grant-type.ts';
import { newId } from '../entities/identifiers.ts';
import type { IntegrationReader } from '../entities/integration.ts';
import type { Session } from '../entities/session.ts';
import type { FamilyDraft } from '../entities/token-family.ts';
import type { User } from '../entities/user.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { askedRights } from './authorization/checks/rights.ts';
import type { AuthorizationRequest, AuthorizationSettings, RightsInQuestion } from './authorization/request.ts';
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
    integrations.get(tenant, target.clientId),
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

/** What a user allowed a device, and how. */
export interface Allowed {
  readonly session: Session;
  readonly user: User;
  readonly consent: Pick<Consent, 'id'>;
  readonly given: RightsInQuestion;
  /** Whether the tenant is the operator's. */
  readonly operator: boolean;
}

/** What the device's code stands for, once somebody allowed it. */
export function allowedFamily(
  { authorization, request: { integration } }: WaitingDevice,
  { session, user, consent, given, operator }: Allowed,
  settings: Pick<AuthorizationSettings, 'refreshTokenLifetimeSeconds' | 'tokenLifetimeSeconds'>,
  { clock, randomBytes }: { readonly clock: Clock; readonly randomBytes: RandomBytes },
): FamilyDraft {
  const now = clock.now();
  const last = integration.grantTypes.includes('refresh_token')
    ? now + settings.refreshTokenLifetimeSeconds * 1000
    : Date.parse(authorization.expiresAt) + settings.tokenLifetimeSeconds * 1000;
  return {
    tenant: integration.tenant,
    id: newId('fam', randomBytes),
    clientId: integration.clientId,
    grantType: deviceCodeGrant,
    user: {
      id: user.id,
      generation: user.tokenGeneration,
      authenticatedAt: session.authenticatedAt,
      methods: session.methods,
      sessionId: session.id,
      offline: given.scopes.includes('offline_access'),
      consentId: consent.id,
    },
    operator,
    ...given,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(last).toISOString(),
  };
}
