import type { JWK } from 'jose';
import type { PublicJwk } from '../../entities/integration.ts';
import { ed25519Decoy, p256Decoy, rsaDecoy } from './decoy-keys.ts';

const ed25519 = {
  fits: ({ kty, crv }: PublicJwk) => kty === 'OKP' && crv === 'Ed25519',
  decoy: ed25519Decoy,
};

/** Which keys fit an algorithm, and one that nobody can sign for: it is verified with where there is no other. */
const algorithms: Readonly<Record<string, { fits: (key: PublicJwk) => boolean; decoy: Readonly<JWK> }>> = {
  RS256: { fits: isRsa, decoy: rsaDecoy },
  PS256: { fits: isRsa, decoy: rsaDecoy },
  ES256: {
    fits: ({ kty, crv }) => kty === 'EC' && crv === 'P-256',
    decoy: p256Decoy,
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

/**
 * A new object at each call: a library that keeps the keys it imported, by the object, would verify faster with it than
 * with a client's.
 *
 * @throws TypeError where there is no such algorithm
 */
export function decoyKey(alg: string): JWK {
  const algorithm = Object.hasOwn(algorithms, alg) ? algorithms[alg] : undefined;
  if (algorithm === undefined) throw new TypeError('no such algorithm');
  return { ...algorithm.decoy };
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
