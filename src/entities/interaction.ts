import { newTenantBoundId, type RandomBytes, tenantOfBoundId } from './identifiers.ts';
import type { AuthenticationMethod, Session } from './session.ts';

/** What a browser came for. */
export type InteractionPurpose =
  | {
      readonly kind: 'authorization';
      readonly clientId: string;
      /** The parameters of the authorization request, each with its values. */
      readonly parameters: Readonly<Record<string, readonly string[]>>;
    }
  | { readonly kind: 'device'; readonly userCode: string; readonly clientId: string }
  | {
      readonly kind: 'account';
      /** Below the issuer, of this tenant's own pages: `/t/ten_…/account`. */
      readonly returnTo: string;
    };

/** A user who gave a password, or came from an upstream provider, and may have to show a second factor yet. */
export interface FirstFactor {
  readonly userId: string;
  readonly methods: readonly AuthenticationMethod[];
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  /** The user's token generation then: once the password is another, nothing follows on the old one. */
  readonly generation: number;
  /** The session that they are signed in with already; with it this is over. Absent where they have just signed in. */
  readonly sessionId?: string | undefined;
}

/** What somebody proved who is signed in: only the second factor is asked for. */
export const firstFactorOf = ({ id, userId, methods, authenticatedAt, userGeneration }: Session): FirstFactor => ({
  sessionId: id,
  userId,
  methods,
  at: authenticatedAt,
  generation: userGeneration,
});

/** The way to an upstream provider and back; what proves that an answer is this browser's, the browser keeps. */
export interface UpstreamRequest {
  readonly providerId: string;
  /** SHA-256, base64url, of the `state` that the answer must bring. */
  readonly stateHash: string;
  /** The signed-in user who is to be linked to whoever the provider vouches for; absent where somebody signs in. */
  readonly linkTo?: string | undefined;
}

/**
 * What a browser is in the middle of: why somebody must sign in or agree, and how far they came. It grants nothing by
 * itself; what was reached counts for the browser that it is bound to alone.
 */
export interface Interaction {
  readonly tenant: string;
  /** `itx_…`, with the tenant's own part in it. */
  readonly id: string;
  /**
   * SHA-256, base64url, of what the browser's cookie holds. Absent where the request came from another site's form,
   * with which a browser sends no cookie: the first page that is asked for binds it.
   */
  readonly browserHash?: string | undefined;
  readonly purpose: InteractionPurpose;
  readonly createdAt: string;
  /** ISO 8601; 30 minutes after it began. */
  readonly expiresAt: string;
  /** Counts changes; each is conditional on the one it was decided on. */
  readonly version: number;
  readonly firstFactor?: FirstFactor | undefined;
  /** When the user signed in, chose the account, and agreed, in this interaction. */
  readonly signedInAt?: string | undefined;
  readonly accountChosenAt?: string | undefined;
  readonly consentedAt?: string | undefined;
  readonly upstream?: UpstreamRequest | undefined;
  /** What a passkey must sign, base64url (WebAuthn §13.4.3). */
  readonly challenge?: string | undefined;
}

const interactionLifetimeSeconds = 1800;

/** A new interaction of a tenant, beginning at `now` (milliseconds since the epoch). */
export function newInteraction(
  tenant: string,
  purpose: InteractionPurpose,
  browserHash: string | undefined,
  now: number,
  randomBytes: RandomBytes,
): Interaction {
  return {
    tenant,
    id: newTenantBoundId('itx', tenant, randomBytes),
    ...(browserHash !== undefined && { browserHash }),
    purpose,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + interactionLifetimeSeconds * 1000).toISOString(),
    version: 1,
  };
}

/** The tenant of an interaction's id, or undefined where the text is no such id. */
export const tenantOfInteraction = (id: string): string | undefined => tenantOfBoundId('itx', id);

export interface InteractionStore {
  get(tenant: string, id: string): Promise<Interaction | undefined>;
  create(interaction: Interaction): Promise<void>;
  /**
   * Writes what was reached, and counts the version up.
   *
   * @returns what is stored now
   * @throws ConcurrentChange where `before` is no longer what is stored
   */
  update(before: Interaction, change: InteractionChange): Promise<Interaction>;
  /** Ends it; twice is once. */
  delete(interaction: Pick<Interaction, 'tenant' | 'id'>): Promise<void>;
}

/** What a step changes; undefined takes a member away. */
export type InteractionChange = Partial<
  Pick<
    Interaction,
    'browserHash' | 'firstFactor' | 'signedInAt' | 'accountChosenAt' | 'consentedAt' | 'upstream' | 'challenge'
  >
>;
