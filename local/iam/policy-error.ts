/** A policy that AWS would not accept, or that uses what this evaluation does not know; the message names it. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}
