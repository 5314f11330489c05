import { compactVerify, errors, importJWK } from 'jose';
import * as z from 'zod/mini';
import { idTokenAlgorithm, type SigningKey } from '../entities/signing-key.ts';
import { idTokenType } from './id-token.ts';

/** Whose an ID token was, and in which session. */
export interface IdTokenHint {
  readonly userId: string;
  readonly clientIds: readonly string[];
  readonly sessionId?: string | undefined;
}

const claimsForm = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  sid: z.optional(z.string()),
});

/**
 * Reads an ID token that comes back as a hint (OIDC Core §3.1.2.1, OIDC RP-Initiated Logout §2): one that this server
 * signed, however long ago it expired.
 *
 * @param keys the deployment's
 * @returns undefined for anything else
 */
export async function verifiedIdTokenHint(
  idToken: string,
  issuer: string,
  keys: readonly SigningKey[],
): Promise<IdTokenHint | undefined> {
  try {
    const { payload, protectedHeader } = await compactVerify(
      idToken,
      ({ kid }) => {
        const key = keys.find((each) => each.kid === kid && each.algorithm === idTokenAlgorithm);
        if (key === undefined || key.state === 'revoked') throw new errors.JWKSNoMatchingKey();
        return importJWK(key.publicJwk, idTokenAlgorithm);
      },
      { algorithms: [idTokenAlgorithm] },
    );
    const claims = z.safeParse(claimsForm, JSON.parse(new TextDecoder().decode(payload)));
    if (protectedHeader.typ !== idTokenType || claims.data?.iss !== issuer) return undefined;
    const { sub, aud, sid } = claims.data;
    return { userId: sub, clientIds: typeof aud === 'string' ? [aud] : aud, sessionId: sid };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
