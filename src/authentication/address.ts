/**
 * What attempts from an address are counted under: an IPv4 address itself, and of an IPv6 address the first 64 bits, since
 * the rest is its holder's to choose (RFC 4291 §2.5.1).
 */
export function networkOf(address: string): string {
  if (!address.includes(':') || !URL.canParse(`http://[${address}]`)) return address;
  // The one canonical form, in lower case without leading zeros (RFC 5952).
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const missing = 8 - groups(head).length - groups(tail ?? '').length;
  const all = [...groups(head), ...(tail === undefined ? [] : Array<string>(missing).fill('0')), ...groups(tail ?? '')];
  // IPv4 addresses in IPv6's form share their first 64 bits with all the others (RFC 4291 §2.5.5.2).
  return all.slice(0, 6).join(':') === '0:0:0:0:0:ffff' ? all.join(':') : `${all.slice(0, 4).join(':')}::/64`;
}
