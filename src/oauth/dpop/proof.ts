import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose';
import * as z from 'zod/mini';
import { dpopAlgorithms } from '../../api/dpop-algorithms.ts';
import { once } from '../../once.ts';
import { isSameUri } from './same-uri.ts';

/** What a proof is checked against: the request as this server knows it to be, never as its `Host` header says. */
export interface ProvedRequest {
  /** The value of the one `DPoP` header. */
  readonly proof: string;
  readonly method: string;
  /** The URL below the configured base URL; query and fragment do not count. */
  readonly url: string;
  /** The access token that is presented with the proof; absent where none is, as at the token endpoint. */
  readonly accessToken?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A proof that holds, if it was not used before: that is `DpopProofStore`'s to say. */
export interface DpopProof {
  /** RFC 7638 thumbprint of the key that signed, SHA-256 in base64url: the `jkt` of tokens that are bound to it. */
  readonly thumbprint: string;
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** What the server gave the client to put into it (RFC 9449 §8); the caller's to compare where it gives any. */
  readonly nonce?: string | undefined;
}

/** How far `iat` may be from now, in seconds, to either side. */
export const dpopProofLifeSeconds = 60;

/** In characters; a proof with the largest key that is taken stays well below. */
const maximumLength = 4_096;

/** Members of private and of symmetric keys (RFC 7518 §6). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** RSA of 4,096 bits with an exponent of 32: what is longer only costs time, which is not the client's to spend. */
const keyForm = once(() =>
  z.object({
    n: z.optional(z.string().check(z.maxLength(683))),
    e: z.optional(z.string().check(z.maxLength(6))),
  }),
);

const claimsForm = once(() =>
  z.object({
    htm: z.string(),
    htu: z.string(),
    iat: z.number(),
    jti: z.string().check(z.minLength(1), z.maxLength(256)),
    ath: z.optional(z.string()),
    nonce: z.optional(z.string()),
  }),
);

/**
 * Checks a DPoP proof (RFC 9449 §4.3) but for its having been used before, and its nonce.
 *
 * @returns the proof, or why it does not hold: for the log
 */
export async function verifyDpopProof(request: ProvedRequest): Promise<DpopProof | { readonly fault: string }> {
  const signed = await verifySignature(request);
  if (signed === undefined) return { fault: 'DPoP proof does not verify' };
  const claims = z.safeParse(claimsForm(), signed.payload);
  if (!claims.success) return { fault: 'DPoP claims' };
  const fault = faultOf(claims.data, request);
  if (fault !== undefined) return { fault };
  const { jti, iat, nonce } = claims.data;
  return { thumbprint: await calculateJwkThumbprint(signed.jwk, 'sha256'), jti, issuedAt: iat, nonce };
}

/** Type, algorithm and signature, by the key in the header, which must be a public one and no more. */
async function verifySignature({ proof, now }: ProvedRequest) {
  if (proof.length > maximumLength) return undefined;
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: [...dpopAlgorithms],
      currentDate: new Date(now),
    });
    const jwk: JWK | undefined = protectedHeader.jwk;
    return jwk !== undefined && isPublicOnly(jwk) ? { payload, jwk } : undefined;
  } catch {
    // Whatever a library finds wrong with a text that anybody may send is one thing: no proof.
    return undefined;
  }
}

function isPublicOnly(jwk: JWK): boolean {
  return !secretMembers.some((member) => Object.hasOwn(jwk, member)) && z.safeParse(keyForm(), jwk).success;
}

function faultOf(
  { htm, htu, iat, ath }: z.infer<ReturnType<typeof claimsForm>>,
  { method, url, accessToken, now }: ProvedRequest,
): string | undefined {
  if (htm !== method) return 'DPoP htm';
  if (!isSameUri(htu, url)) return 'DPoP htu';
  if (Math.abs(now / 1000 - iat) > dpopProofLifeSeconds) return 'DPoP iat';
  if (accessToken !== undefined && ath !== hashOfToken(accessToken)) return 'DPoP ath';
  return undefined;
}

/** RFC 9449 §4.1, `ath`. */
function hashOfToken(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest('base64url');
}
