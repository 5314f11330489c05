import type { Consent } from '../../entities/consent.ts';
import { newId, type RandomBytes } from '../../entities/identifiers.ts';
import type { Integration } from '../../entities/integration.ts';
import type { Session } from '../../entities/session.ts';
import type { FamilyDraft } from '../../entities/token-family.ts';
import type { User } from '../../entities/user.ts';
import type { Clock } from '../../ports.ts';
import type { RightsInQuestion } from './request.ts';

/** What a user allowed a client, and how. */
export interface Allowed {
  readonly session: Session;
  readonly user: User;
  readonly consent: Pick<Consent, 'id'>;
  readonly given: RightsInQuestion;
  /** Whether the tenant is the operator's. */
  readonly operator: boolean;
}

/** How long what was allowed may live at most, and by what grant type the client is given it. */
interface Terms {
  readonly grantType: string;
  /** Seconds from now. */
  readonly lifetimeSeconds: number;
}

/** What descends from an authorization by a user: all that was decided, and nothing that only its redemption shows. */
export function delegatedFamily(
  { tenant, clientId }: Pick<Integration, 'tenant' | 'clientId'>,
  { session, user, consent, given, operator }: Allowed,
  { grantType, lifetimeSeconds }: Terms,
  { clock, randomBytes }: { readonly clock: Clock; readonly randomBytes: RandomBytes },
): FamilyDraft {
  const now = clock.now();
  return {
    tenant,
    id: newId('fam', randomBytes),
    clientId,
    grantType,
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
    expiresAt: new Date(now + lifetimeSeconds * 1000).toISOString(),
  };
}
