/** Absolute, of what a URI may be written in (RFC 3986 §2): a parser that mends the rest would find the same in two texts. */
const absolute = /^https?:\/\/[A-Za-z0-9\-._~!$&'()*+,;=:[\]/?#%]+$/i;

/**
 * Whether a DPoP proof's `htu` names the URL, query and fragment aside, after syntax- and scheme-based normalization
 * (RFC 9449 §4.3, item 9; RFC 3986 §6.2.2 and §6.2.3).
 */
export function isSameUri(htu: string, url: string): boolean {
  const claimed = normalized(htu);
  return claimed !== undefined && claimed === normalized(url);
}

/** Undefined where the text is no absolute http URI, or one with user information, which no request is sent to. */
function normalized(uri: string): string | undefined {
  if (!absolute.test(uri) || !URL.canParse(uri)) return undefined;
  const { protocol, host, pathname, username, password } = new URL(uri);
  if (username !== '' || password !== '') return undefined;
  return `${protocol}//${host}${pathname.replace(/%[0-9a-f]{2}/gi, normalizedOctet)}`;
}

const unreserved = /^[A-Za-z0-9\-._~]$/;

/** RFC 3986 §6.2.2.1 and §6.2.2.2: digits in upper case, and what needs no encoding decoded. */
function normalizedOctet(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return unreserved.test(character) ? character : encoded.toUpperCase();
}
