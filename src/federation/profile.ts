import * as z from 'zod/mini';
import { type RandomBytes, randomText } from '../entities/identifiers.ts';
import type { IdentityProvider } from '../entities/identity-provider.ts';

/** What a provider says of somebody, in our words. */
export interface Profile {
  readonly username: string | undefined;
  /** The provider vouches for it (`email_verified`), and its domain is one of those that make users. */
  readonly email: string | undefined;
  readonly name: string | undefined;
}

const emailAddress = z.email().check(z.maxLength(254));

type Claims = Readonly<Record<string, unknown>>;

/**
 * Reads the claims that the tenant's mapping names. An email and the word that it is verified are of one source: nothing
 * is vouched for by another's word.
 *
 * @param sources the ID token's claims first
 */
export function profileOf(
  sources: readonly Claims[],
  { claimMapping, allowedEmailDomains }: Pick<IdentityProvider, 'claimMapping' | 'allowedEmailDomains'>,
): Profile {
  const first = (claim: string) => sources.map((claims) => textOf(claims[claim])).find((text) => text !== undefined);
  const email = sources
    .filter((claims) => claims.email_verified === true)
    .map((claims) => textOf(claims[claimMapping.email]))
    .find((text) => text !== undefined && allowedEmailDomains.includes(domainOf(text)));
  return { username: first(claimMapping.username), email, name: first(claimMapping.name) };
}

/** The claim's text; an empty one says nothing, and what is no text is none. */
function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim.trim() !== '' && claim.isWellFormed() ? claim.trim() : undefined;
}

/** The domain as providers register it; empty where the text is no address. */
function domainOf(email: string): string {
  return z.safeParse(emailAddress, email).success ? email.slice(email.lastIndexOf('@') + 1).toLowerCase() : '';
}

const longestBase = 57;

/**
 * A username of the characters that usernames have, from what the provider calls somebody or, without that, their email.
 *
 * @param attempt how many were taken: from the second on the name has a random end
 */
export function usernameOf({ username, email }: Profile, attempt: number, randomBytes: RandomBytes): string {
  const said = (username ?? email ?? '').normalize('NFC').replace(/@.*$/su, '');
  const base = said
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replaceAll(/[^\p{L}\p{M}\p{Nd}._-]+/gu, '-')
    .replace(/^[^\p{L}\p{Nd}]+/u, '');
  const short = Array.from(base).slice(0, longestBase).join('') || 'user';
  return attempt === 0 ? short : `${short}-${randomText(randomBytes, 6).toLowerCase()}`;
}

/** A name of one line for people to read; the username where the provider says none. */
export function nameOf({ name }: Profile, username: string): string {
  const line = (name ?? '')
    .replaceAll(/\p{Bidi_Control}/gu, '')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  const isSeen = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u.test(line);
  return isSeen ? Array.from(line).slice(0, 100).join('') : username;
}
