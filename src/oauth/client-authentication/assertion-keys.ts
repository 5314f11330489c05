import type { JWK } from 'jose';
import type { PublicJwk } from '../../entities/integration.ts';

/** RFC 7518 §6.2.1.1: the base point of P-256, which is a point like any other. */
const p256BasePoint = {
  x: 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY',
  y: 'T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU',
};

// RFC 8032 §5.1: the base point is the decoy.
const ed25519 = {
  fits: ({ kty, crv }: PublicJwk) => kty === 'OKP' && crv === 'Ed25519',
  decoy: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(`58${'66'.repeat(31)}`, 'hex').toString('base64url') },
};

/** Which keys fit an algorithm, and one that nobody can sign for: it is verified with where there is no other. */
const algorithms: Readonly<Record<string, { fits: (key: PublicJwk) => boolean; decoy: JWK }>> = {
  RS256: { fits: isRsa, decoy: rsaDecoy() },
  PS256: { fits: isRsa, decoy: rsaDecoy() },
  ES256: {
    fits: ({ kty, crv }) => kty === 'EC' && crv === 'P-256',
    decoy: { kty: 'EC', crv: 'P-256', ...p256BasePoint },
  },
  // One algorithm under two names: RFC 9864 §2.2 replaces the polymorphic one, and clients sign with either.
  EdDSA: ed25519,
  Ed25519: ed25519,
};

/** The algorithms that assertions may be signed with (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
export const assertionAlgorithms: readonly string[] = Object.keys(algorithms);

/**
 * The registered key that an assertion is verified with: the one its header names, else the only one that fits its
 * algorithm (RFC 7515 §4.1.4).
 */
export function fitting(jwks: readonly PublicJwk[], alg: string, kid: unknown): PublicJwk | undefined {
  const candidates = jwks.filter((key) => fits(key, alg) && (kid === undefined || key.kid === kid));
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** @throws TypeError where there is no such algorithm */
export function decoyKey(alg: string): JWK {
  const algorithm = Object.hasOwn(algorithms, alg) ? algorithms[alg] : undefined;
  if (algorithm === undefined) throw new TypeError('no such algorithm');
  return algorithm.decoy;
}

/** RFC 7517 §4.2 to §4.4: what a key says of its own use binds. */
function fits(key: PublicJwk, alg: string): boolean {
  if (key.alg !== undefined && canonical(key.alg) !== canonical(alg)) return false;
  if (key.use !== undefined && key.use !== 'sig') return false;
  return Object.hasOwn(algorithms, alg) && algorithms[alg]?.fits(key) === true;
}

/** RFC 9864 §2.2: `EdDSA` says less than `Ed25519`, and of an Ed25519 key the same. */
function canonical(alg: unknown): unknown {
  return alg === 'EdDSA' ? 'Ed25519' : alg;
}

/** RFC 7518 §3.3: 2,048 bits or more. */
function isRsa({ kty, n }: PublicJwk): boolean {
  return kty === 'RSA' && typeof n === 'string' && Buffer.from(n, 'base64url').length >= 256;
}

/** A modulus of 2,048 bits that is nobody's product of primes. */
function rsaDecoy(): JWK {
  return { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(256, 0xff).toString('base64url') };
}
