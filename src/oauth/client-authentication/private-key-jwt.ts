import { decodeJwt, errors, jwtVerify } from 'jose';
import type { Integration, PublicJwk } from '../../entities/integration.ts';
import { InvalidRequest } from '../errors.ts';
import { assertionAlgorithms, decoyKey, fitting } from './assertion-keys.ts';
import type {
  AuthenticationPorts,
  ClientAuthenticationMethod,
  PresentedCredentials,
  ProtectedEndpoint,
} from './method.ts';

/** RFC 7523 §2.2. */
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How far ahead an assertion may expire, in seconds. */
const longestLife = 600;
/** How far ahead of ours the client's clock may be, in seconds. */
const skew = 30;

/** A JWT signed with a key whose public half is registered (RFC 7523 §3, OIDC Core §9). */
export const privateKeyJwt: ClientAuthenticationMethod = {
  name: 'private_key_jwt',
  registeredAs: 'private_key_jwt',
  signingAlgorithms: assertionAlgorithms,
  present({ form, endpoint }) {
    const type = form.get('client_assertion_type');
    const assertion = form.get('client_assertion');
    if (type === undefined && assertion === undefined) return undefined;
    if (type === undefined || assertion === undefined) throw new InvalidRequest('half a client assertion');
    return presentedAssertion(type === assertionType ? assertion : '', endpoint);
  },
};

function presentedAssertion(assertion: string, endpoint: ProtectedEndpoint): PresentedCredentials {
  const unverifiedClientId = unverifiedSubject(assertion);
  return {
    unverifiedClientId,
    async prove(integration, ports) {
      const proof = await verify(assertion, unverifiedClientId ?? '', integration?.jwks ?? [], ports);
      if (integration === undefined || proof === undefined) return undefined;
      if (!isFor(endpoint, proof.claims.aud)) return undefined;
      return (await isFirstUse(integration, proof.claims, ports)) ? proof.kid : undefined;
    },
  };
}

/** Whose the assertion claims to be: nothing of it is checked yet. */
function unverifiedSubject(assertion: string): string | undefined {
  try {
    const { sub } = decodeJwt<{ sub?: unknown }>(assertion);
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}

interface Claims {
  readonly aud?: unknown;
  readonly exp: number;
  readonly jti: string;
}

interface Proof {
  /** The registered key that signed. */
  readonly kid: string;
  readonly claims: Claims;
}

/** Signature, `iss`, `sub` and times; undefined where one of them fails. */
async function verify(
  assertion: string,
  clientId: string,
  jwks: readonly PublicJwk[],
  { clock }: AuthenticationPorts,
): Promise<Proof | undefined> {
  const now = Math.floor(clock.now() / 1000);
  let kid: string | undefined;
  try {
    const { payload } = await jwtVerify(
      assertion,
      ({ alg, kid: named }) => {
        const key = fitting(jwks, alg, named);
        kid = key?.kid;
        // Without a key to verify with, as much work is done with one that nobody can sign for.
        return key ?? decoyKey(alg);
      },
      {
        algorithms: [...assertionAlgorithms],
        issuer: clientId,
        subject: clientId,
        requiredClaims: ['aud', 'exp', 'jti'],
        clockTolerance: skew,
        currentDate: new Date(now * 1000),
      },
    );
    const { exp, iat, jti, aud } = payload;
    // `skew` is for what lies ahead; an assertion that has expired has expired.
    if (exp === undefined || exp <= now || exp > now + longestLife) return undefined;
    if (iat !== undefined && iat > now + skew) return undefined;
    if (typeof jti !== 'string' || jti === '') return undefined;
    return kid === undefined ? undefined : { kid, claims: { aud, exp, jti } };
  } catch (error) {
    // A JWT that does not hold; a key that does not import.
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException)
      return undefined;
    throw error;
  }
}

/** Whether the audience is this server alone: one value, the issuer or the endpoint's own URL (RFC 7523 §3, item 3). */
function isFor({ issuer, url }: ProtectedEndpoint, aud: unknown): boolean {
  const only: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  return only === issuer || only === url;
}

/** The last check, because it writes. */
function isFirstUse(
  { tenant, clientId }: Integration,
  { exp, jti }: Claims,
  { assertions }: AuthenticationPorts,
): Promise<boolean> {
  return assertions.useOnce({ tenant, clientId, jti }, Math.ceil(exp));
}
