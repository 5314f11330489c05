import type { ApplicationType } from '../entities/integration.ts';

/** The most characters of a redirect URI: it goes into headers, with an answer behind it. */
const longest = 1_024;

/** RFC 3986: what may stand in a URI, and nothing that a browser would correct (spaces, backslashes, quotes, Unicode). */
const uriCharacters = /^[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+$/;

const brokenEncoding = /%(?![0-9A-Fa-f]{2})/;

/** RFC 8252 §7.1: a name in reverse order, whose dot keeps it clear of every scheme that means something of its own. */
const privateScheme = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:\//;

/** RFC 8252 §7.3: the machine that the browser runs on; the port between host and rest. */
const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::([1-9][0-9]{0,4}))?(\/.*|\?.*)?$/;

/**
 * What is wrong with a redirect URI that is to be registered: absolute, without fragment, user info or wildcard, in the
 * form that browsers themselves would write it in; `https`, or, for a native app, `http` on a loopback address or a
 * private scheme with a dot (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §4.1.1).
 *
 * @returns a public text that follows the URI in a sentence, or undefined where nothing is wrong
 */
export function faultOfRedirectUri(uri: string, applicationType: ApplicationType): string | undefined {
  if (uri.length > longest) return `must be of at most ${longest} characters`;
  if (!uriCharacters.test(uri) || brokenEncoding.test(uri)) return 'must be a URI (RFC 3986)';
  if (uri.includes('#')) return 'must not have a fragment';
  if (uri.includes('*')) return 'must not have a wildcard';
  const url = URL.parse(uri);
  if (url === null) return 'must be an absolute URI';
  if (url.username !== '' || url.password !== '') return 'must not have user information';
  const isNative = applicationType === 'native';
  if (url.protocol !== 'https:' && !(isNative && (loopback.test(uri) || privateScheme.test(uri))))
    return isNative
      ? 'must be https, http on 127.0.0.1, [::1] or localhost, or a private scheme that contains a dot'
      : 'must be https';
  if (url.href !== uri && url.href !== `${uri}/`) return `must be in normal form: ${url.href}`;
  return undefined;
}

/**
 * Whether an authorization request may name the URI: as the registered one to the letter, save the port of a native
 * app's loopback address, which is whatever was free when the app started (RFC 8252 §7.3, RFC 9700 §2.1).
 */
export function matchesRedirectUri(registered: string, given: string, applicationType: ApplicationType): boolean {
  if (given === registered) return true;
  if (applicationType !== 'native') return false;
  const [, address, , rest] = loopback.exec(registered) ?? [];
  const [, givenAddress, port = '1', givenRest] = loopback.exec(given) ?? [];
  return address !== undefined && address === givenAddress && rest === givenRest && Number(port) <= 65_535;
}

/**
 * Whether other apps of the same machine may be waiting at the URI as well: whoever gets the answer there has proved
 * nothing (RFC 8252 §8.6).
 */
export function isOpenToOtherApps(uri: string): boolean {
  return !uri.startsWith('https:');
}
