/**
 * The algorithms that DPoP proofs may be signed with (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2): metadata and
 * challenges name them, and no other is taken.
 */
export const dpopAlgorithms: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
