import type { RequestSource } from './audit-event.ts';

/** Somebody who could not prove to be whom they named. */
export interface RefusedProof {
  readonly tenant: string;
  readonly action: 'client.refused' | 'sign_in.refused';
  /** The client or the user that was named; the tenant where there is none. */
  readonly object: string;
  /** What did not hold, in words of ours: never what was typed. */
  readonly reason: string;
}

/**
 * Tells the audit log of proofs that did not hold. Strangers can bring it about as often as they like: of one object it is
 * told at most {@link networkSlots} times an hour, once for each network that they come from until then.
 */
export interface RefusalLog {
  /**
   * Takes as long for every refusal: whether anything is told says nothing about who exists. It never fails, so that the
   * answer stays the one that was decided.
   *
   * @param refused undefined where nobody is concerned
   */
  note(refused: RefusedProof | undefined, source: RequestSource): Promise<void>;
}

/** How many networks an hour's events about one object are told apart by. */
export const networkSlots = 64;
