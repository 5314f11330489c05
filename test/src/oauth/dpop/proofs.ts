import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

type Members = Readonly<Record<string, unknown>>;

export const hashOfToken = (token: string) => createHash('sha256').update(token).digest('base64url');

/** A client's key, and the proofs that it makes of having it. */
export async function newProver(algorithm = 'ES256') {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk: JWK = await exportJWK(publicKey);
  return {
    jwk,
    privateJwk: await exportJWK(privateKey),
    thumbprint: await calculateJwkThumbprint(jwk),
    /** A proof of just those claims, and a header in order but for what is given. */
    sign: (claims: Members, header: Members = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: algorithm, typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey),
    /** A proof in order, for a token where one is given. */
    prove(method: string, url: string, now: number, accessToken?: string) {
      const ath = accessToken === undefined ? {} : { ath: hashOfToken(accessToken) };
      return this.sign({ htm: method, htu: url, iat: Math.floor(now / 1000), jti: randomUUID(), ...ath });
    },
  };
}
