import type { FederatedIdentityStore } from '../entities/federated-identity.ts';
import type { TenantReader } from '../entities/tenant.ts';
import type { User } from '../entities/user.ts';
import { hasSecondFactor } from '../entities/user-credentials.ts';
import { type PasswordAttempt, type SignInPorts, signIn } from './sign-in.ts';

export interface PasswordAlonePorts extends SignInPorts {
  readonly tenants: TenantReader;
  readonly federatedIdentities: Pick<FederatedIdentityStore, 'ofUser'>;
}

/** Who it is, or why a password alone does not do: for the log, and for nobody else to tell from a wrong one. */
export type PasswordAloneOutcome =
  | { readonly user: User; readonly operator: boolean }
  | { readonly fault: string; readonly userId?: string | undefined };

/**
 * Checks a password where nothing else can be asked for. It does not do for users who have a second factor or must have
 * one, nor for those who come from an upstream provider, whose own checks would be passed by.
 */
export async function signInByPasswordAlone(
  ports: PasswordAlonePorts,
  attempt: PasswordAttempt,
): Promise<PasswordAloneOutcome> {
  const [result, tenant] = await Promise.all([signIn(ports, attempt), ports.tenants.get(attempt.tenant)]);
  if (result.outcome === 'slow-down') return { fault: 'too many attempts' };
  if (result.outcome === 'refused') return { fault: 'wrong username or password', userId: result.userId };
  const { user, secondFactors } = result;
  const userId = user.id;
  if (tenant === undefined) return { fault: 'the tenant is gone', userId };
  if (hasSecondFactor(secondFactors)) return { fault: 'has a second factor', userId };
  if (tenant.policy?.secondFactorRequired) return { fault: 'must have a second factor', userId };
  const links = await ports.federatedIdentities.ofUser(user.tenant, user.id);
  if (links.length > 0) return { fault: 'is federated', userId };
  return { user, operator: tenant.operator };
}
