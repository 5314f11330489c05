import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../entities/identifiers.ts';
import { bodyOf, recognizable } from '../entities/recognizable-secret.ts';
import type { RefreshState, TokenFamily, TokenFamilyReader } from '../entities/token-family.ts';
import type { SecretProtector } from '../ports.ts';

/**
 * A refresh token is derived, not stored: `lkr_`, the family's tenant (16 characters) and id (22), the token's count (6),
 * and an HMAC of these under the family's secret (43). Whoever can read the table cannot make one, and one whose answer
 * was lost can be given again.
 */

const prefix = 'lkr';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const countLength = 6;
/** 62^43 exceeds 2^256. */
const tagLength = 43;
const form = /^([0-9A-Za-z]{16})([0-9A-Za-z]{22})([0-9A-Za-z]{6})([0-9A-Za-z]{43})$/;

/** A refresh token as it was presented: whose it says to be. Nothing of it is proved before {@link familyOfRefreshToken}. */
export interface PresentedRefreshToken {
  readonly text: string;
  readonly tenant: string;
  readonly familyId: string;
  /** How often the family had been refreshed when it was given. */
  readonly count: number;
}

/** What the text says, or undefined where it is no refresh token: another kind, mistyped, or cut off. */
export function parseRefreshToken(text: string): PresentedRefreshToken | undefined {
  const [, tenant, family, digits = ''] = form.exec(bodyOf(prefix, text) ?? '') ?? [];
  if (tenant === undefined || family === undefined) return undefined;
  let count = 0;
  for (const digit of digits) count = count * 62 + alphabet.indexOf(digit);
  return { text, tenant: `ten_${tenant}`, familyId: `fam_${family}`, count };
}

/** The family's refresh token of this count. */
export function refreshTokenOf({ tenant, id }: Pick<TokenFamily, 'tenant' | 'id'>, secret: string, count: number) {
  const tag = createHmac('sha256', Buffer.from(secret, 'base64url')).update(`${tenant}|${id}|${count}`).digest('hex');
  const parts = [
    tenant.slice(4),
    id.slice(4),
    base62(BigInt(count), countLength),
    base62(BigInt(`0x${tag}`), tagLength),
  ];
  return recognizable(prefix, parts.join(''));
}

/** Whether the secret made the token; in a time that does not depend on where it differs. */
function isDerived({ text, tenant, familyId, count }: PresentedRefreshToken, secret: string): boolean {
  const given = Buffer.from(text);
  const expected = Buffer.from(refreshTokenOf({ tenant, id: familyId }, secret, count));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A family that can be refreshed, and the one secret that its refresh tokens are derived from. */
export interface RefreshableFamily {
  readonly family: TokenFamily;
  readonly refresh: RefreshState;
  readonly secret: string;
}

export interface RefreshTokenPorts {
  readonly families: TokenFamilyReader;
  readonly protector: SecretProtector;
}

/**
 * The family of a refresh token that is proved to be one of its own, whatever became of either; undefined where it is
 * nobody's.
 *
 * @throws DependencyUnavailable
 */
export async function familyOfRefreshToken(
  presented: PresentedRefreshToken,
  { families, protector }: RefreshTokenPorts,
): Promise<RefreshableFamily | undefined> {
  const family = await families.get(presented.tenant, presented.familyId);
  if (family?.refresh === undefined) return undefined;
  const { tenant, clientId, refresh } = family;
  const secret = await protector.decrypt(Buffer.from(refresh.ciphertext, 'base64'), { tenant, clientId });
  return isDerived(presented, secret) ? { family, refresh, secret } : undefined;
}

/** A family's secret: 256 random bits in base64url. */
export const newFamilySecret = (randomBytes: RandomBytes): string => Buffer.from(randomBytes(32)).toString('base64url');

/** The secret as the family keeps it. */
export async function sealedSecret(
  secret: string,
  { tenant, clientId }: Pick<TokenFamily, 'tenant' | 'clientId'>,
  protector: SecretProtector,
): Promise<RefreshState['ciphertext']> {
  return Buffer.from(await protector.encrypt(secret, { tenant, clientId })).toString('base64');
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = alphabet[Number(rest % 62n)] + text;
  return text;
}
