/** Why nobody is signed in through a provider. */
export type UpstreamRefusal =
  /** The provider cannot be reached, or is none that one can sign in with. */
  | 'unavailable'
  /** The provider says that it did not sign anybody in. */
  | 'declined'
  /** Its answer proves nothing. */
  | 'not valid'
  /** Who it is, is nobody here, and nobody is let in that way. */
  | 'unknown'
  /** No email that the provider vouches for, or of no domain that is let in. */
  | 'email'
  /** A user has the email, which proves nothing about who arrived. */
  | 'email taken'
  | 'disabled'
  | 'linked to another';

/** A refusal; the reason is for the log alone. */
export interface Refused {
  readonly refused: UpstreamRefusal;
  readonly reason?: string | undefined;
}

/** Whether something is a refusal and not what was asked for. */
export const isRefused = (found: object): found is Refused => 'refused' in found;
