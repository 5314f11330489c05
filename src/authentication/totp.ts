import { Secret, TOTP } from 'otpauth';
import type { RandomBytes } from '../entities/identifiers.ts';

/** What every authenticator app knows: six digits, thirty seconds, SHA-1 (RFC 6238 §4, RFC 4226 §5.3). */
const digits = 6;
const period = 30;
const algorithm = 'SHA1';
/** Steps before and after the present one whose codes count: clocks differ (RFC 6238 §5.2). */
const tolerance = 1;

/** A new secret of 160 bits (RFC 4226 §4), in base 32 as apps are told it. */
export function newTotpSecret(randomBytes: RandomBytes): string {
  const bytes = Uint8Array.from(randomBytes(20));
  return new Secret({ buffer: bytes.buffer }).base32;
}

const totpOf = (secret: string, names: { readonly issuer?: string; readonly label?: string } = {}) =>
  new TOTP({ ...names, secret: Secret.fromBase32(secret), digits, period, algorithm });

/** What a QR code says to an app: whose secret it is, and where. */
export function totpUri(
  secret: string,
  { issuer, label }: { readonly issuer: string; readonly label: string },
): string {
  return totpOf(secret, { issuer, label }).toString();
}

/**
 * The time step whose code it is, or undefined where it is none of those that count now.
 *
 * @param now milliseconds since the epoch
 */
export function stepOfCode(code: string, secret: string, now: number): number | undefined {
  const token = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = totpOf(secret).validate({ token, timestamp: now, window: tolerance });
  return delta === null ? undefined : TOTP.counter({ period, timestamp: now }) + delta;
}
